#include "cli/command_builder.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>

namespace wardlock::cli {
namespace {

constexpr char kHelp[] = "print this help";
constexpr char kJsonHelp[] = "print one JSON document instead of text";

CommandTree::Option describe(const CLI::Option& option) {
  CommandTree::Option out;
  for (const std::string& name : option.get_snames()) out.flags.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) out.flags.push_back("--" + name);
  if (option.get_positional()) out.name = option.get_name(true);
  if (option.get_items_expected_max() > 0) out.value = option.get_type_name();
  out.description = option.get_description();
  out.is_required = option.get_required();
  out.is_repeatable = option.get_items_expected_max() > 1;
  return out;
}

/// The commands as they are declared, for those who need not know CLI11.
CommandTree describe(const CLI::App& app, const std::string& parent = "") {
  CommandTree out;
  out.path = parent.empty() ? app.get_name() : parent + " " + app.get_name();
  out.description = app.get_description();
  out.footer = app.get_footer();
  for (const CLI::Option* option : app.get_options()) out.options.push_back(describe(*option));
  for (const CLI::App* sub : app.get_subcommands([](const CLI::App*) { return true; })) {
    out.commands.push_back(describe(*sub, out.path));
  }
  return out;
}

}  // namespace

CommandBuilder& CommandBuilder::option(const char* flags, std::string& target, const char* what,
                                       const char* description, bool is_required) {
  app_->add_option(flags, target, description)->type_name(what)->required(is_required);
  return *this;
}

CommandBuilder& CommandBuilder::options_of_many(const char* flags, std::vector<std::string>& target,
                                                const char* what, const char* description) {
  app_->add_option(flags, target, description)->type_name(what)->allow_extra_args(false);
  return *this;
}

CommandBuilder& CommandBuilder::rest(const char* name, std::vector<std::string>& target,
                                     const char* what, const char* description, bool is_required) {
  app_->add_option(name, target, description)->type_name(what)->required(is_required);
  return *this;
}

CommandBuilder& CommandBuilder::flag(const char* flags, bool& target, const char* description) {
  app_->add_flag(flags, target, description);
  return *this;
}

CommandBuilder& CommandBuilder::number(const char* flags, unsigned& target, unsigned min,
                                       unsigned max, const char* description) {
  const auto refuse = [min, max](const std::string& word) {
    const bool fits = CLI::Range(min, max)(word).empty();
    return fits ? "" : fmt::format("`{}` is not a number from {} to {}", word, min, max);
  };
  app_->add_option(flags, target, description)->type_name("N")->check(CLI::Validator(refuse, ""));
  return *this;
}

CommandBuilder& CommandBuilder::choice_of(const char* flags, std::vector<std::string> words,
                                          const std::function<void(std::string_view)>& take,
                                          const char* description, bool is_required) {
  const std::string value = fmt::format("{}", fmt::join(words, "|"));
  const auto refuse = [words = std::move(words)](const std::string& word) {
    if (std::ranges::find(words, word) != words.end()) return std::string();
    return fmt::format("`{}` is not one of `{}`", word, fmt::join(words, "`, `"));
  };
  app_->add_option_function<std::string>(flags, take, description)
      ->check(CLI::Validator(refuse, ""))
      ->type_name(value)
      ->required(is_required);
  return *this;
}

CommandBuilder& CommandBuilder::policies(std::string& policies, bool is_required) {
  return option("-p,--policies", policies, "PATH",
                "policy file (`.json`: JSON policies), or a folder of `*.cedar`", is_required);
}

CommandBuilder& CommandBuilder::links(std::string& links) {
  return option("-k,--template-linked", links, "FILE", "JSON file: template links");
}

CommandBuilder& CommandBuilder::request(RequestInput& request) {
  return option("-l,--principal", request.principal, "UID", "who, e.g. 'User::\"alice\"'")
      .option("-a,--action", request.action, "UID", "does what, e.g. 'Action::\"view\"'")
      .option("-r,--resource", request.resource, "UID", "to what, e.g. 'Photo::\"beach.jpg\"'")
      .option("-c,--context", request.context, "FILE|JSON",
              "the context, or a JSON file that holds it")
      .option("--request-json", request.request_json, "FILE",
              "JSON file: {principal, action, resource, context}, in place of the above");
}

CommandBuilder& CommandBuilder::schema(std::string& schema, bool is_required) {
  return option("-s,--schema", schema, "FILE", "schema file (`.json`: JSON syntax)", is_required);
}

CommandBuilder& CommandBuilder::entities(std::string& entities, bool is_required) {
  return option("--entities", entities, "FILE", "JSON file: the entities", is_required);
}

CommandBuilder& CommandBuilder::mode(pdp::Mode& target) {
  return choice<pdp::Mode>("--mode", target,
                           {{"cedar", pdp::Mode::kCedar}, {"strict", pdp::Mode::kStrict}},
                           "`strict` (default): Wardlock's rule; `cedar`: plain Cedar");
}

Commands Commands::group(const char* name, const char* description) {
  CLI::App& group = *app_->add_subcommand(name, description);
  group.group("Commands");
  group.set_help_flag("-h,--help", kHelp);
  group.require_subcommand(1);
  return Commands(group, *invocation_);
}

CommandBuilder Commands::add_command(const char* name, const char* description,
                                     const char* examples, Run run) {
  CLI::App& command = *app_->add_subcommand(name, description);
  command.group("Commands");
  command.set_help_flag("-h,--help", kHelp);
  command.footer(std::string("Examples:\n") + examples);
  command.add_flag("--json", invocation_->is_json, kJsonHelp);
  command.callback([invocation = invocation_, app = &command, run = std::move(run)] {
    if (app->get_subcommands().empty()) invocation->run = run;  // else it was one behind this one
  });
  return CommandBuilder(command);
}

Commands Commands::behind(const CommandBuilder& command) const {
  return Commands(*command.app_, *invocation_);
}

CommandTree Commands::tree() const { return describe(*app_); }

}  // namespace wardlock::cli
