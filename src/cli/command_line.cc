#include "cli/command_line.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <map>
#include <memory>
#include <span>
#include <vector>

#include "base/suggestion.h"
#include "base/version.h"
#include "cli/output.h"

namespace wardlock::cli {
namespace {

constexpr char kHelp[] = "print this help";
constexpr char kJsonHelp[] = "print one JSON document instead of text";

const std::map<std::string, pdp::Mode> kModes = {{"strict", pdp::Mode::kStrict},
                                                 {"cedar", pdp::Mode::kCedar}};

const std::map<std::string, TranslatePolicyOptions::Direction> kDirections = {
    {"cedar-to-json", TranslatePolicyOptions::Direction::kCedarToJson},
    {"json-to-cedar", TranslatePolicyOptions::Direction::kJsonToCedar}};

const std::map<std::string, Shell> kShells = {
    {"bash", Shell::kBash}, {"fish", Shell::kFish}, {"zsh", Shell::kZsh}};

template <typename Enum>
std::string names_of(const std::map<std::string, Enum>& words, std::string_view quote,
                     std::string_view separator) {
  std::string out;
  for (const auto& [word, value] : words) {
    out += fmt::format("{}{}{}{}", out.empty() ? "" : separator, quote, word, quote);
  }
  return out;
}

/// Adds a command. Its options fill a struct that becomes the command when it was the one given.
template <typename Options>
class CommandBuilder {
 public:
  CommandBuilder(CLI::App& app, Command& command, const char* name, const char* description,
                 const char* examples)
      : options_(std::make_shared<Options>()), sub_(app.add_subcommand(name, description)) {
    sub_->group("Commands");
    sub_->set_help_flag("-h,--help", kHelp);
    sub_->footer(std::string("Examples:\n") + examples);
    sub_->add_flag("--json", command.is_json, kJsonHelp);
    sub_->callback([&command, options = options_] { command.options = *options; });
  }

  Options& options() { return *options_; }

  /// `what` the value is: FILE, UID, …
  CommandBuilder& option(const char* flags, std::string& target, const char* what,
                         const char* description, bool is_required = false) {
    sub_->add_option(flags, target, description)->type_name(what)->required(is_required);
    return *this;
  }

  /// May be given several times.
  CommandBuilder& options_of_many(const char* flags, std::vector<std::string>& target,
                                  const char* what, const char* description) {
    sub_->add_option(flags, target, description)->type_name(what)->allow_extra_args(false);
    return *this;
  }

  /// One of a few words.
  template <typename Enum>
  CommandBuilder& choice(const char* flags, Enum& target, const std::map<std::string, Enum>& words,
                         const char* description, bool is_required = false) {
    const auto take = [&target, &words](const std::string& word) { target = words.at(word); };
    const auto refuse = [&words](const std::string& word) {
      if (words.contains(word)) return std::string();
      return fmt::format("`{}` is not one of {}", word, names_of(words, "`", ", "));
    };
    sub_->add_option_function<std::string>(flags, take, description)
        ->check(CLI::Validator(refuse, ""))
        ->type_name(names_of(words, "", "|"))
        ->required(is_required);
    return *this;
  }

  CommandBuilder& mode(pdp::Mode& target) {
    return choice("--mode", target, kModes,
                  "`strict` (default): Wardlock's rule; `cedar`: plain Cedar");
  }

  CommandBuilder& request(RequestInput& request) {
    return option("-l,--principal", request.principal, "UID", "who, e.g. 'User::\"alice\"'")
        .option("-a,--action", request.action, "UID", "does what, e.g. 'Action::\"view\"'")
        .option("-r,--resource", request.resource, "UID", "to what, e.g. 'Photo::\"beach.jpg\"'")
        .option("-c,--context", request.context, "FILE|JSON",
                "the context, or a JSON file that holds it")
        .option("--request-json", request.request_json, "FILE",
                "JSON file: {principal, action, resource, context}, in place of the above");
  }

  CommandBuilder& data(std::string& schema, std::string& entities) {
    return option("-s,--schema", schema, "FILE", "schema file (`.json`: JSON syntax)")
        .option("--entities", entities, "FILE", "JSON file: the entities");
  }

  CLI::App* operator->() { return sub_; }

 private:
  std::shared_ptr<Options> options_;
  CLI::App* sub_;
};

constexpr char kPoliciesHelp[] = "policy file (`.json`: JSON policies), or a folder of `*.cedar`";

void add_authorize(CLI::App& app, Command& command) {
  CommandBuilder<AuthorizeOptions> builder(
      app, command, "authorize", "Decide one request and say which policies determined it",
      "  wardlock authorize --policies policies/hospital --entities "
      "policies/hospital/entities.json \\\n"
      "    --principal 'User::\"nurse-lee\"' --action 'Action::\"changeDose\"' \\\n"
      "    --resource 'InfusionPump::\"pump-7\"' \\\n"
      "    --context '{\"rate\": 80, \"authentication\": {\"level\": 1, \"methods\": [\"pwd\"]}}'\n"
      "In strict mode the context's `now`, `authentication` and `pep` are filled as `wardlock pdp` "
      "does.\n"
      "Exit status: 0 allow, 2 deny, 1 failure, 3 the request or entities do not fit the schema.");
  auto& options = builder.options();
  builder.option("-p,--policies", options.files.policies, "PATH", kPoliciesHelp, true)
      .option("-k,--template-linked", options.files.links, "FILE", "JSON file: template links")
      .request(options.request)
      .data(options.schema, options.entities)
      .mode(options.mode);
  builder->add_flag("-v,--verbose", options.is_verbose, "also print the determining policies");
}

void add_evaluate(CLI::App& app, Command& command) {
  CommandBuilder<EvaluateOptions> builder(
      app, command, "evaluate", "Evaluate one expression",
      "  wardlock evaluate '1 + 2 * 3'\n"
      "  wardlock evaluate 'principal in Role::\"Nurse\"' --principal 'User::\"kim\"' \\\n"
      "    --entities entities.json");
  auto& options = builder.options();
  builder.option("expression", options.expression, "TEXT", "the expression", true)
      .request(options.request)
      .data(options.schema, options.entities);
}

void add_check_parse(CLI::App& app, Command& command) {
  CommandBuilder<CheckParseOptions> builder(
      app, command, "check-parse", "Check that files can be read, and say what is wrong with them",
      "  wardlock check-parse --policies policies/hospital\n"
      "  cat draft.cedar | wardlock check-parse --policies -\n"
      "  wardlock check-parse --schema my.cedarschema --entities entities.json");
  auto& options = builder.options();
  builder.option("-p,--policies", options.policies, "PATH", kPoliciesHelp)
      .data(options.schema, options.entities)
      .option("--expression", options.expression, "TEXT", "an expression, as text");
}

void add_link(CLI::App& app, Command& command) {
  CommandBuilder<LinkOptions> builder(
      app, command, "link", "Fill the slots of a template, and add the link to a file of links",
      "  wardlock link --policies templates.cedar --template-linked links.json \\\n"
      "    --template-id share --new-id share-with-bob --arguments '{\"?principal\": "
      "\"User::\\\"bob\\\"\"}'");
  auto& options = builder.options();
  builder.option("-p,--policies", options.files.policies, "PATH", kPoliciesHelp, true)
      .option("-k,--template-linked", options.files.links, "FILE", "JSON file the link is added to")
      .option("--template-id", options.template_id, "ID", "the template's id", true)
      .option("-n,--new-id", options.new_id, "ID", "the new policy's id", true)
      .option("-a,--arguments", options.arguments, "JSON", "the slots' entities", true);
}

void add_translate_policy(CLI::App& app, Command& command) {
  CommandBuilder<TranslatePolicyOptions> builder(
      app, command, "translate-policy", "Translate policies between Cedar text and JSON",
      "  wardlock translate-policy --direction cedar-to-json --policies draft.cedar\n"
      "  wardlock translate-policy --direction json-to-cedar < policies.json");
  auto& options = builder.options();
  options.policies = "-";
  builder.option("-p,--policies", options.policies, "FILE", "the file to translate (default: `-`)")
      .choice("--direction", options.direction, kDirections, "which way", true);
}

void add_language_version(CLI::App& app, Command& command) {
  CommandBuilder<LanguageVersionOptions> builder(
      app, command, "language-version", "Print the version of the Cedar language that is spoken",
      "  wardlock language-version");
}

void add_pdp(CLI::App& app, Command& command) {
  CommandBuilder<PdpOptions> builder(
      app, command, "pdp", "Answer AuthZEN questions over HTTP on this machine, without any state",
      "  wardlock pdp --policies policies/hospital --entities policies/hospital/entities.json\n"
      "  curl -s http://127.0.0.1:8180/access/v1/evaluation -H 'Content-Type: application/json' "
      "-d '{\n"
      "    \"subject\": {\"type\": \"User\", \"id\": \"dr-grey\"}, \"action\": {\"name\": "
      "\"view\"},\n"
      "    \"resource\": {\"type\": \"Patient\", \"id\": \"p-100\"}}'");
  auto& options = builder.options();
  builder
      .option("-p,--policies", options.policies, "PATH",
              "folder: its `*.cedar` and `*.cedarschema` are read, nothing else", true)
      .data(options.schema, options.entities)
      .mode(options.mode)
      .option("--listen", options.listen, "HOST:PORT",
              "loopback address and port (default: 127.0.0.1:8180)");
  const auto refuse = [](const std::string& word) {
    constexpr unsigned kMax = 256;
    const bool fits = CLI::Range(1U, kMax)(word).empty();
    return fits ? "" : fmt::format("`{}` is not a number from 1 to {}", word, kMax);
  };
  builder->add_option("--threads", options.threads, "default: one for each core")
      ->type_name("N")
      ->check(CLI::Validator(refuse, ""));
  builder.options_of_many("--type", options.types, "NAME=CEDARTYPE",
                          "a type name of callers, and the Cedar type it stands for");
  builder.options_of_many(
      "--principal-type", options.principal_types, "CEDARTYPE",
      "a type that may be a principal (default: those of the schema's actions)");
}

void add_serve(CLI::App& app, Command& command) {
  CommandBuilder<ServeOptions> builder(
      app, command, "serve", "Answer questions over HTTPS for callers that prove who they are",
      "  wardlock serve --config /etc/wardlock/wardlock.yaml\n"
      "SIGHUP reads callers and certificates anew; changed policies are taken over by themselves.");
  builder.option("-c,--config", builder.options().config, "FILE", "the configuration, YAML", true);
}

/// A command that is a word in front of others.
CLI::App& add_group(CLI::App& app, const char* name, const char* description) {
  CLI::App& group = *app.add_subcommand(name, description);
  group.group("Commands");
  group.set_help_flag("-h,--help", kHelp);
  group.require_subcommand(1);
  return group;
}

void add_config(CLI::App& app, Command& command) {
  CLI::App& group = add_group(app, "config", "Check, show or describe a server's configuration");
  CommandBuilder<ConfigOptions> check(
      group, command, "check", "Say all that is wrong with it and with the files it names",
      "  wardlock config check --config /etc/wardlock/wardlock.yaml");
  check.options().task = ConfigOptions::Task::kCheck;
  check.option("-c,--config", check.options().config, "FILE", "the configuration, YAML", true);
  CommandBuilder<ConfigOptions> show(group, command, "show",
                                     "Print it with every default, and secrets shortened",
                                     "  wardlock config show --config /etc/wardlock/wardlock.yaml");
  show.options().task = ConfigOptions::Task::kShow;
  show.option("-c,--config", show.options().config, "FILE", "the configuration, YAML", true);
  CommandBuilder<ConfigOptions> schema(group, command, "schema",
                                       "Print its JSON Schema, for editors",
                                       "  wardlock config schema > wardlock.schema.json");
  schema.options().task = ConfigOptions::Task::kSchema;
  schema->add_flag("--reference", schema.options().is_reference,
                   "print the same as a table in Markdown, as docs/configuration.md has it");
}

void add_token(CLI::App& app, Command& command) {
  CLI::App& group = add_group(app, "token", "Make tokens for callers");
  CommandBuilder<TokenOptions> builder(
      group, command, "new", "Print a new token, and the hash of it for the configuration",
      "  wardlock token new\n"
      "The caller keeps the token; the configuration holds the hash, under `callers[].tokens`.");
}

void add_completion(CLI::App& app, Command& command) {
  CommandBuilder<CompletionOptions> builder(
      app, command, "completion", "Print a script that completes these commands in a shell",
      "  wardlock completion bash > /etc/bash_completion.d/wardlock\n"
      "  source <(wardlock completion zsh)\n"
      "  wardlock completion fish > ~/.config/fish/completions/wardlock.fish");
  builder.choice("shell", builder.options().shell, kShells, "the shell to print it for", true);
}

void add_man(CLI::App& app, Command& command) {
  CommandBuilder<ManOptions> builder(app, command, "man", "Print the manual page",
                                     "  wardlock man > wardlock.1\n"
                                     "  man ./wardlock.1");
}

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

/// The commands as they are declared here, for those who need not know CLI11.
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

/// For the commands that speak about all commands.
void add_tree(const CLI::App& app, Command& command) {
  if (auto* wanted = std::get_if<CompletionOptions>(&command.options)) wanted->tree = describe(app);
  if (auto* wanted = std::get_if<ManOptions>(&command.options)) wanted->tree = describe(app);
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

ExitStatus refuse(const std::string& message, std::span<const char* const> arguments) {
  const bool is_json = std::ranges::find(arguments, std::string_view("--json")) != arguments.end();
  return {static_cast<int>(
      Output(is_json).fail(Error{.code = ErrorCode::kInvalidArgument, .message = message}))};
}

}  // namespace

std::variant<Command, ExitStatus> parse_command_line(int argc, const char* const* argv) {
  CLI::App app(
      "Wardlock: identity and access control for connected medical devices.\n"
      "`wardlock COMMAND --help` explains a command, with examples.",
      "wardlock");
  app.set_help_flag("-h,--help", kHelp);
  app.set_version_flag("--version", fmt::format("wardlock {}", version()), "print the version");
  app.get_formatter()->label("SUBCOMMAND", "COMMAND");
  app.get_formatter()->label("REQUIRED", "(required)");
  app.require_subcommand(1);
  Command command;
  app.add_flag("--json", command.is_json, kJsonHelp);
  add_authorize(app, command);
  add_evaluate(app, command);
  add_check_parse(app, command);
  add_link(app, command);
  add_translate_policy(app, command);
  add_language_version(app, command);
  add_pdp(app, command);
  add_serve(app, command);
  add_config(app, command);
  add_token(app, command);
  add_completion(app, command);
  add_man(app, command);
  const std::span<const char* const> arguments(argv, static_cast<std::size_t>(argc));
  // CLI11 reports by exceptions; they end here.
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& success) {  // help or version
    return ExitStatus{app.exit(success)};
  } catch (const CLI::ParseError& error) {
    return refuse(explain(app, error), arguments);
  }
  add_tree(app, command);
  if (std::ranges::count(arguments, std::string_view("-")) > 1) {
    return refuse("`-`, standard input, can be given once", arguments);
  }
  return command;
}

}  // namespace wardlock::cli
