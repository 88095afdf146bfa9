#include "cli/command_line.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <span>
#include <vector>

#include "base/suggestion.h"
#include "base/version.h"
#include "cli/attribute_commands.h"
#include "cli/commands.h"
#include "cli/consent_commands.h"
#include "cli/delegation_commands.h"
#include "cli/request_commands.h"

namespace wardlock::cli {
namespace {

/// In the order of the help: what is done every day first.
void add_commands(Commands& commands) {
  add_authorize(commands);
  add_search(commands);
  add_evaluate(commands);
  add_tpe(commands);
  add_plan(commands);
  add_check_parse(commands);
  add_validate(commands);
  add_format(commands);
  add_link(commands);
  add_translate_policy(commands);
  add_translate_schema(commands);
  add_visualize(commands);
  add_new(commands);
  add_run_tests(commands);
  add_invariants(commands);
  add_bundle(commands);
  add_policy(commands);
  add_drift(commands);
  add_lsp(commands);
  add_pdp(commands);
  add_serve(commands);
  add_init(commands);
  add_backup(commands);
  add_audit(commands);
  add_config(commands);
  add_token(commands);
  add_login(commands);
  add_logout(commands);
  add_whoami(commands);
  add_break_glass(commands);
  add_delegation(commands);
  add_consent(commands);
  add_request(commands);
  add_attribute(commands);
  add_things(commands);
  add_relations_of_things(commands);
  add_clients(commands);
  add_udi(commands);
  add_identifier(commands);
  add_directory(commands);
  add_entities(commands);
  add_import(commands);
  add_export(commands);
  add_ldap(commands);
  add_about(commands);
}

std::vector<std::string> command_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* sub : app.get_subcommands([](const CLI::App*) { return true; })) {
    names.push_back(sub->get_name());
  }
  return names;
}

std::vector<std::string> option_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

/// What is wrong with a command line that CLI11 refused, and what to do.
std::string explain(const CLI::App& app, const CLI::ParseError& error) {
  const CLI::App* place = &app;
  std::string path = "wardlock";
  while (!place->get_subcommands().empty()) {
    place = place->get_subcommands().front();
    path += " " + place->get_name();
  }
  const std::string help = fmt::format("; see `{} --help`", path);
  const std::vector<std::string> commands = command_names(*place);
  const std::vector<std::string> extras = app.remaining(true);
  if (extras.empty()) {
    if (commands.empty()) return error.what() + help;
    return fmt::format("give a command: {}{}", fmt::join(commands, ", "), help);
  }
  const std::string extra = extras.front().substr(0, extras.front().find('='));
  const bool is_option = extra.starts_with('-');
  if (!is_option && commands.empty()) {
    return fmt::format("unexpected argument `{}`{}", extra, help);
  }
  const std::string near = suggestion(extra, is_option ? option_names(*place) : commands);
  return fmt::format("there is no {} `{}`{}", is_option ? "option" : "command", extra,
                     near.empty() ? help : near);
}

Exit refuse(const std::string& message, std::span<const char* const> arguments) {
  const bool is_json = std::ranges::find(arguments, std::string_view("--json")) != arguments.end();
  return Output(is_json).fail(Error{.code = ErrorCode::kInvalidArgument, .message = message});
}

Exit invoke(const Invocation& invocation) {
  const Output output(invocation.is_json);
  const auto exit = invocation.run(output);
  return exit ? *exit : output.fail(exit.error());
}

}  // namespace

int run_command_line(int argc, const char* const* argv) {
  CLI::App app(
      "Wardlock: identity and access control for connected medical devices.\n"
      "`wardlock COMMAND --help` explains a command, with examples.",
      "wardlock");
  app.set_help_flag("-h,--help", "print this help");
  app.set_version_flag("--version", fmt::format("wardlock {}", version()), "print the version");
  app.get_formatter()->label("SUBCOMMAND", "COMMAND");
  app.get_formatter()->label("REQUIRED", "(required)");
  app.require_subcommand(1);
  Invocation invocation;
  app.add_flag("--json", invocation.is_json, "print one JSON document instead of text");
  Commands commands(app, invocation);
  add_commands(commands);
  const std::span<const char* const> arguments(argv, static_cast<std::size_t>(argc));
  // CLI11 reports by exceptions; they end here.
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& success) {  // help or version
    return app.exit(success);
  } catch (const CLI::ParseError& error) {
    return static_cast<int>(refuse(explain(app, error), arguments));
  }
  if (std::ranges::count(arguments, std::string_view("-")) > 1) {
    return static_cast<int>(refuse("`-`, standard input, can be given once", arguments));
  }
  return static_cast<int>(invoke(invocation));
}

}  // namespace wardlock::cli
