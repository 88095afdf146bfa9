#include <fmt/format.h>

#include <filesystem>
#include <fstream>

#include "cedar/ast/policy_text.h"
#include "cedar/entities/entities_json.h"
#include "cedar/json/policy_json.h"
#include "cedar/parser/parser.h"
#include "cli/commands.h"
#include "cli/inputs.h"
#include "server/policy_files.h"

namespace wardlock::cli {
namespace {

bool is_json_file(std::string_view path) { return path.ends_with(".json"); }

/// Collects what is wrong with several files.
class ParseCheck {
 public:
  /// The number of policies in the text, templates and links included.
  std::size_t add_policies(const pdp::Source& source) {
    if (is_json_file(source.name)) {
      const auto json = codec::parse_json(source.text, cedar::kPolicyJsonLimits);
      if (!json) return add_error(source, json.error()), 0;
      const auto policies = cedar::policy_set_from_json(*json);
      return policies ? count(*policies) : (add_error(source, policies.error()), 0);
    }
    auto policies = cedar::parse_policies(source.text, {.by_annotation = true});
    if (policies) return count(*policies);
    findings_.push_back({source.name, source.text, std::move(policies).error()});
    return 0;
  }

  void add_schema(const pdp::Source& source) {
    if (is_json_file(source.name)) {
      const auto schema = load_schema(source.name);
      if (!schema) add_error(source, schema.error());
      return;
    }
    auto schema = cedar::parse_schema(source.text);
    if (!schema) findings_.push_back({source.name, source.text, std::move(schema).error()});
  }

  void add_expression(const std::string& text) {
    Arena arena;
    auto parsed = cedar::parse_expression(text, arena);
    if (!parsed) findings_.push_back({"expression", text, std::move(parsed).error()});
  }

  /// An error that names its own place.
  void add_error(const pdp::Source& source, const Error& error) {
    findings_.push_back({source.name, "", {{Severity::kError, error.message, {}, ""}}});
  }

  const std::vector<Findings>& findings() const { return findings_; }

 private:
  static std::size_t count(const cedar::PolicySet& policies) {
    return policies.policies().size() + policies.templates().size();
  }

  std::vector<Findings> findings_;
};

Result<Exit> check_parse(const CheckParseOptions& options, const Output& output) {
  if (options.policies.empty() && options.schema.empty() && options.entities.empty() &&
      options.expression.empty()) {
    return invalid(
        "there is nothing to check; give `--policies`, `--schema`, `--entities` or "
        "`--expression`");
  }
  ParseCheck check;
  std::size_t policies = 0;
  if (!options.policies.empty()) {
    const pdp::Sources sources = TRY(server::read_policies(options.policies));
    for (const pdp::Source& source : sources.policies) policies += check.add_policies(source);
    for (const pdp::Source& source : sources.schemas) check.add_schema(source);
  }
  if (!options.schema.empty()) check.add_schema(TRY(server::read_source(options.schema)));
  if (!options.expression.empty()) check.add_expression(options.expression);
  if (!check.findings().empty()) return output.fail(check.findings());
  if (!options.entities.empty()) {
    const auto schema = TRY(load_schema(options.schema));
    TRY(load_entities(options.entities, schema ? &*schema : nullptr));
  }
  output.print(boost::json::object{{"policies", policies}, {"diagnostics", boost::json::array()}},
               options.policies.empty()
                   ? std::string("no errors")
                   : fmt::format("no errors in {} polic{}", policies, policies == 1 ? "y" : "ies"));
  return Exit::kOk;
}

Result<Exit> translate(const TranslatePolicyOptions& options, const Output& output) {
  const pdp::Source source = TRY(server::read_source(options.policies));
  if (options.direction == TranslatePolicyOptions::Direction::kCedarToJson) {
    auto policies = cedar::parse_policies(source.text);
    if (!policies) {
      return output.fail({Findings{source.name, source.text, std::move(policies).error()}});
    }
    const codec::Json json = TRY(cedar::policy_set_to_json(*policies));
    output.print(json, codec::to_pretty_json_text(json));
    return Exit::kOk;
  }
  const codec::Json json = TRY(codec::parse_json(source.text, cedar::kPolicyJsonLimits));
  const cedar::PolicySet policies = TRY(cedar::policy_set_from_json(json));
  const std::string text = TRY(cedar::to_text(policies));
  output.print(boost::json::object{{"policies", text}}, text);
  return Exit::kOk;
}

/// Replaces the file in one step, so that a crash leaves either the old or the new.
Result<void> replace_file(const std::string& path, std::string_view text) {
  const std::string draft = path + ".new";
  std::ofstream file(draft, std::ios::binary | std::ios::trunc);
  file << text;
  file.close();
  std::error_code error;
  if (file) std::filesystem::rename(draft, path, error);
  if (file && !error) return {};
  std::filesystem::remove(draft, error);
  return fail(ErrorCode::kUnavailable, fmt::format("`{}` cannot be written", path));
}

Result<cedar::SlotValues> read_arguments(const std::string& text, Arena& arena) {
  const codec::Json json = TRY(codec::parse_json(text));
  const auto* object = json.if_object();
  if (object == nullptr) return invalid("`--arguments` must be a JSON object of slots");
  cedar::SlotValues values;
  for (const auto& [slot, value] : *object) {
    if (!value.is_string()) return invalid(fmt::format("`{}` must be an entity in a string", slot));
    const cedar::EntityUid* uid = TRY(cedar::parse_entity_uid(value.get_string(), arena));
    if (slot == "?principal") {
      values.principal = uid;
    } else if (slot == "?resource") {
      values.resource = uid;
    } else {
      return invalid(fmt::format("there is no slot `{}`; there are `?principal` and `?resource`",
                                 std::string_view(slot)));
    }
  }
  return values;
}

codec::Json link_to_json(const LinkOptions& options, const cedar::SlotValues& values) {
  boost::json::object arguments;
  const auto add = [&](const char* slot, const cedar::EntityUid* uid) {
    if (uid != nullptr) {
      arguments[slot] = {{"__entity", {{"type", uid->type}, {"id", uid->id}}}};
    }
  };
  add("?principal", values.principal);
  add("?resource", values.resource);
  return {{"templateId", options.template_id},
          {"newId", options.new_id},
          {"values", std::move(arguments)}};
}

Result<Exit> link(const LinkOptions& options, const Output& output) {
  PolicyFiles files = options.files;
  boost::json::array links;
  std::error_code error;
  if (!files.links.empty() && std::filesystem::exists(files.links, error)) {
    const codec::Json json = TRY(load_json(files.links));
    if (!json.is_array()) return invalid(fmt::format("`{}` is not a list of links", files.links));
    links = json.get_array();
  } else {
    files.links.clear();
  }
  pdp::Sources sources = TRY(load_sources(files, "", ""));
  cedar::PolicySet policies = TRY(pdp::parse_policies(sources));
  Arena arena;
  const cedar::SlotValues values = TRY(read_arguments(options.arguments, arena));
  TRY_VOID(policies.link(options.template_id, options.new_id, values));
  codec::Json added = link_to_json(options, values);
  const std::string text = TRY(cedar::to_text(*policies.find_policy(options.new_id)));
  links.push_back(added);
  if (!options.files.links.empty()) {
    TRY_VOID(replace_file(options.files.links, codec::to_pretty_json_text(links) + "\n"));
  }
  output.print(boost::json::object{{"link", std::move(added)}, {"policy", text}}, text);
  return Exit::kOk;
}

}  // namespace

Exit run(const CheckParseOptions& options, const Output& output) {
  const auto exit = check_parse(options, output);
  return exit ? *exit : output.fail(exit.error());
}

Exit run(const TranslatePolicyOptions& options, const Output& output) {
  const auto exit = translate(options, output);
  return exit ? *exit : output.fail(exit.error());
}

Exit run(const LinkOptions& options, const Output& output) {
  const auto exit = link(options, output);
  return exit ? *exit : output.fail(exit.error());
}

}  // namespace wardlock::cli
