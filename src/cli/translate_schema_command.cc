#include "cedar/schema/schema.h"
#include "cedar/schema/schema_writer.h"
#include "cli/commands.h"
#include "server/policy_files.h"

namespace wardlock::cli {
namespace {

enum class Direction : std::uint8_t { kCedarToJson, kJsonToCedar };

struct TranslateSchemaOptions {
  Direction direction = Direction::kCedarToJson;
  std::string schema = "-";
};

Result<std::string> json_to_text(std::string_view document) {
  const codec::Json json = TRY(codec::parse_json(document));
  const cedar::SchemaSyntax syntax = TRY(cedar::schema_syntax_from_json(json));
  return cedar::schema_to_text(syntax);
}

Result<Exit> translate_schema(const TranslateSchemaOptions& options, const Output& output) {
  const pdp::Source source = TRY(server::read_source(options.schema));
  if (options.direction == Direction::kJsonToCedar) {
    const auto text = json_to_text(source.text);
    if (!text) return std::unexpected(text.error().in(source.name));
    output.print(boost::json::object{{"schema", *text}}, *text);
    return Exit::kOk;
  }
  auto syntax = cedar::parse_schema_syntax(source.text);
  if (!syntax) {
    return output.fail({Findings{source.name, source.text, std::move(syntax).error()}});
  }
  const auto json = cedar::schema_to_json(*syntax);
  if (!json) return std::unexpected(json.error().in(source.name));
  output.print(*json, codec::to_pretty_json_text(*json));
  return Exit::kOk;
}

}  // namespace

void add_translate_schema(Commands& commands) {
  auto [command, options] = commands.add<TranslateSchemaOptions>(
      "translate-schema", "Translate a schema between Cedar text and JSON",
      "  wardlock translate-schema --direction cedar-to-json --schema my.cedarschema\n"
      "  wardlock translate-schema --direction json-to-cedar < my.json",
      translate_schema);
  command.option("-s,--schema", options.schema, "FILE", "the file to translate (default: `-`)")
      .choice<Direction>(
          "--direction", options.direction,
          {{"cedar-to-json", Direction::kCedarToJson}, {"json-to-cedar", Direction::kJsonToCedar}},
          "which way", true);
}

}  // namespace wardlock::cli
