// A schema that can be read is translated to the other syntax and back, and stays the same; one
// that resolves still does, wherever its translation exists.
#include "base/check.h"
#include "cedar/schema/schema.h"
#include "cedar/schema/schema_writer.h"

using namespace wardlock;
using namespace wardlock::cedar;

namespace {

SchemaSyntax from_text(const std::string& text) {
  auto syntax = parse_schema_syntax(text);
  CHECK(syntax);
  return *std::move(syntax);
}

SchemaSyntax from_json(const codec::Json& json) {
  auto syntax = schema_syntax_from_json(json);
  CHECK(syntax);
  return *std::move(syntax);
}

bool resolves(const SchemaSyntax& syntax) { return resolve_schema(syntax).has_value(); }

void check_text(const SchemaSyntax& syntax) {
  const auto json = schema_to_json(syntax);
  if (!json) {
    CHECK(!resolves(syntax));
    return;
  }
  const SchemaSyntax read = from_json(*json);
  CHECK(resolves(syntax) == resolves(read));
  const auto text = schema_to_text(read);
  if (text) CHECK(*schema_to_json(from_text(*text)) == *json);
}

void check_json(const SchemaSyntax& syntax) {
  const auto text = schema_to_text(syntax);
  if (!text) return;
  const SchemaSyntax read = from_text(*text);
  if (resolves(syntax)) CHECK(resolves(read));
  CHECK(*schema_to_text(read) == *text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto syntax = parse_schema_syntax(text)) check_text(*syntax);
  if (const auto json = codec::parse_json(text)) {
    if (const auto syntax = schema_syntax_from_json(*json)) check_json(*syntax);
  }
  return 0;
}
