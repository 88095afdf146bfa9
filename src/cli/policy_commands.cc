#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "cedar/ast/policy_text.h"
#include "cedar/json/policy_json.h"
#include "cedar/parser/parser.h"
#include "cli/commands.h"
#include "cli/inputs.h"
#include "cli/parse_check.h"
#include "server/policy_files.h"

namespace wardlock::cli {
namespace {

Result<Exit> check_parse(const CheckParseOptions& options, const Output& output) {
  if (options.policies.empty() && options.schema.empty() && options.entities.empty() &&
      options.expression.empty()) {
    return invalid(
        "there is nothing to check; give `--policies`, `--schema`, `--entities` or "
        "`--expression`");
  }
  ParseCheck check;
  check.add_sources(TRY(load_sources({options.policies, ""}, options.schema, options.entities)));
  if (!options.expression.empty()) check.add_expression(options.expression);
  if (!check.findings().empty()) return output.fail(check.findings(), check.exit());
  const std::size_t policies = check.policy_count();
  output.print(boost::json::object{{"policies", policies}, {"diagnostics", boost::json::array()}},
               options.policies.empty()
                   ? std::string("no errors")
                   : fmt::format("no errors in {} polic{}", policies, policies == 1 ? "y" : "ies"));
  return Exit::kOk;
}

Result<cedar::PolicySet> read_policy_json(const pdp::Source& source) {
  return cedar::policy_set_from_json(TRY(codec::parse_json(source.text, cedar::kPolicyJsonLimits)));
}

Result<Exit> translate(const TranslatePolicyOptions& options, const Output& output) {
  const pdp::Source source = TRY(server::read_source(options.policies));
  if (options.direction == TranslatePolicyOptions::Direction::kCedarToJson) {
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

/// Creates a file that did not exist, with a name that nobody can foresee.
bool write_draft(std::string& path, std::string_view text, mode_t mode) {
  path += ".XXXXXX";
  const int file = mkstemp(path.data());
  if (file < 0) return false;
  bool is_good = fchmod(file, mode) == 0;
  while (is_good && !text.empty()) {
    const ssize_t written = write(file, text.data(), text.size());
    is_good = written > 0;
    if (is_good) text.remove_prefix(static_cast<std::size_t>(written));
  }
  is_good = is_good && fsync(file) == 0;
  return close(file) == 0 && is_good;
}

/// Replaces the file in one step, so that a crash leaves either the old or the new. It keeps its
/// permissions; a link to it stays one.
Result<void> replace_file(const std::string& path, std::string_view text) {
  std::error_code error;
  const std::filesystem::path target = std::filesystem::weakly_canonical(path, error);
  constexpr mode_t kNewFile = 0644;
  struct stat old = {};
  const mode_t mode = stat(target.c_str(), &old) == 0 ? old.st_mode & 0777 : kNewFile;
  std::string draft = target.string();
  const bool is_written = !error && write_draft(draft, text, mode);
  if (is_written) std::filesystem::rename(draft, target, error);
  if (is_written && !error) return {};
  std::filesystem::remove(draft, error);
  return fail(ErrorCode::kUnavailable, fmt::format("`{}` cannot be written", path));
}

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
