#include "conformance/cedar-wasm/text_answers.h"

#include "cedar/format/format.h"
#include "cedar/schema/schema.h"
#include "cedar/schema/schema_writer.h"

namespace wardlock::cedar {
namespace {

using boost::json::object;
using codec::Json;

std::string_view text_of(const object& it, std::string_view name) {
  const boost::json::string& text = it.at(name).as_string();
  return {text.data(), text.size()};
}

Json refusal(std::string_view why) { return object{{"ok", false}, {"error", why}}; }

/// The reference translates only schemas that are whole, which Wardlock does not ask for.
template <typename Syntax>
Result<SchemaSyntax> whole(Syntax syntax) {
  if (!syntax) return invalid(syntax.error().front().message);
  const auto schema = resolve_schema(*syntax);
  if (!schema) return invalid(schema.error().front().message);
  return *std::move(syntax);
}

Result<Json> text_to_json(std::string_view text) {
  const SchemaSyntax syntax = TRY(whole(parse_schema_syntax(text)));
  return object{{"ok", true}, {"json", TRY(schema_to_json(syntax))}};
}

Result<Json> json_to_text(const Json& json) {
  const auto read = schema_syntax_from_json(json);
  if (!read) return std::unexpected(read.error());
  const SchemaSyntax syntax = TRY(whole(Parsed<SchemaSyntax>(*read)));
  const std::string text = TRY(schema_to_text(syntax));
  object answer{{"ok", true}, {"text", text}};
  if (const auto again = text_to_json(text)) answer["again"] = again->at("json");
  return answer;
}

Result<Json> translate(std::string_view document) {
  const Json json = TRY(codec::parse_json(document));
  if (!json.is_string()) return json_to_text(json);
  const boost::json::string& text = json.get_string();
  return text_to_json({text.data(), text.size()});
}

}  // namespace

Json answer_translation(const object& it) {
  const auto answer = translate(text_of(it, "schema"));
  return answer ? *answer : refusal(answer.error().message);
}

Json answer_format(const object& it) {
  const FormatOptions options{.line_width = it.at("lineWidth").to_number<std::size_t>(),
                              .indent_width = it.at("indentWidth").to_number<std::size_t>()};
  const auto formatted = format_policies(text_of(it, "text"), options);
  if (!formatted) return refusal(formatted.error().front().message);
  return object{{"ok", true}, {"formatted", *formatted}};
}

}  // namespace wardlock::cedar
