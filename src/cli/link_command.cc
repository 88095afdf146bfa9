#include <fmt/format.h>

#include <filesystem>

#include "cedar/ast/policy_text.h"
#include "cedar/parser/parser.h"
#include "cli/commands.h"
#include "cli/inputs.h"
#include "cli/parse_check.h"
#include "cli/replace_file.h"

namespace wardlock::cli {
namespace {

struct LinkOptions {
  PolicyFiles files;
  std::string template_id;
  std::string new_id;
  std::string arguments;  ///< JSON text: `{"?principal": "User::\"alice\""}`
};

Result<cedar::SlotValues> read_arguments(const std::string& text, Arena& arena) {
  const auto json = codec::parse_json(text);
  if (!json) return std::unexpected(json.error().in("--arguments"));
  const auto* object = json->if_object();
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
  const pdp::Sources sources = TRY(load_sources(files, "", ""));
  auto parsed = pdp::parse_policies(sources);
  if (!parsed) return report(sources, parsed.error(), output);
  cedar::PolicySet& policies = *parsed;
  Arena arena;
  const cedar::SlotValues values = TRY(read_arguments(options.arguments, arena));
  if (policies.find_policy(options.new_id) || policies.find_template(options.new_id)) {
    return fail(ErrorCode::kAlreadyExists,
                fmt::format("the id `{}` is taken; choose another `--new-id`", options.new_id));
  }
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

void add_link(Commands& commands) {
  auto [command, options] = commands.add<LinkOptions>(
      "link", "Fill the slots of a template, and add the link to a file of links",
      "  wardlock link --policies templates.cedar --template-linked links.json \\\n"
      "    --template-id share --new-id share-with-bob --arguments '{\"?principal\": "
      "\"User::\\\"bob\\\"\"}'",
      link);
  command.policies(options.files.policies)
      .option("-k,--template-linked", options.files.links, "FILE", "JSON file the link is added to")
      .option("--template-id", options.template_id, "ID", "the template's id", true)
      .option("-n,--new-id", options.new_id, "ID", "the new policy's id", true)
      .option("-a,--arguments", options.arguments, "JSON", "the slots' entities", true);
}

}  // namespace wardlock::cli
