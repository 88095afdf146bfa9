#include "cedar/ast/policy_text.h"
#include "cedar/json/policy_json.h"
#include "cedar/parser/parser.h"
#include "cli/commands.h"
#include "server/policy_files.h"

namespace wardlock::cli {
namespace {

enum class Direction : std::uint8_t { kCedarToJson, kJsonToCedar };

struct TranslatePolicyOptions {
  Direction direction = Direction::kCedarToJson;
  std::string policies = "-";
};

Result<cedar::PolicySet> read_policy_json(const pdp::Source& source) {
  return cedar::policy_set_from_json(TRY(codec::parse_json(source.text, cedar::kPolicyJsonLimits)));
}

Result<Exit> translate_policy(const TranslatePolicyOptions& options, const Output& output) {
  const pdp::Source source = TRY(server::read_source(options.policies));
  if (options.direction == Direction::kCedarToJson) {
    auto policies = cedar::parse_policies(source.text, {.by_annotation = true});
    if (!policies) {
      return output.fail({Findings{source.name, source.text, std::move(policies).error()}});
    }
    const codec::Json json = TRY(cedar::policy_set_to_json(*policies));
    output.print(json, codec::to_pretty_json_text(json));
    return Exit::kOk;
  }
  const auto policies = read_policy_json(source);
  if (!policies) return std::unexpected(policies.error().in(source.name));
  const std::string text = TRY(cedar::to_text(*policies));
  output.print(boost::json::object{{"policies", text}}, text);
  return Exit::kOk;
}

}  // namespace

void add_translate_policy(Commands& commands) {
  auto [command, options] = commands.add<TranslatePolicyOptions>(
      "translate-policy", "Translate policies between Cedar text and JSON",
      "  wardlock translate-policy --direction cedar-to-json --policies draft.cedar\n"
      "  wardlock translate-policy --direction json-to-cedar < policies.json",
      translate_policy);
  command.option("-p,--policies", options.policies, "FILE", "the file to translate (default: `-`)")
      .choice<Direction>(
          "--direction", options.direction,
          {{"cedar-to-json", Direction::kCedarToJson}, {"json-to-cedar", Direction::kJsonToCedar}},
          "which way", true);
}

}  // namespace wardlock::cli
