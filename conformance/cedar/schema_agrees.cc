#include "conformance/cedar/schema_agrees.h"

#include <fmt/format.h>

#include "cedar/schema/schema.h"
#include "cedar/schema/schema_writer.h"

namespace wardlock::cedar {
namespace {

Result<codec::Json> to_json(std::string_view text) {
  const auto syntax = parse_schema_syntax(text);
  if (!syntax) return invalid(syntax.error().front().message);
  return schema_to_json(*syntax);
}

Result<std::string> to_text(const codec::Json& json) {
  const SchemaSyntax syntax = TRY(schema_syntax_from_json(json));
  return schema_to_text(syntax);
}

}  // namespace

Result<void> schema_agrees(std::string_view text, std::string_view expected_json) {
  const codec::Json expected = TRY(codec::parse_json(expected_json));
  const codec::Json found = TRY(to_json(text));
  if (found != expected) {
    return invalid(fmt::format("translated to {}, expected {}", codec::to_json_text(found),
                               codec::to_json_text(expected)));
  }
  const std::string back = TRY(to_text(expected));
  const codec::Json again = TRY(to_json(back));
  if (again != expected) return invalid(fmt::format("translated back it changed: {}", back));
  return {};
}

}  // namespace wardlock::cedar
