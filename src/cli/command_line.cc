#include "cli/command_line.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <map>
#include <memory>

#include "base/version.h"

namespace wardlock::cli {
namespace {

constexpr int kFailure = 1;

const std::map<std::string, pdp::Mode> kModes = {{"strict", pdp::Mode::kStrict},
                                                 {"cedar", pdp::Mode::kCedar}};

const std::map<std::string, TranslatePolicyOptions::Direction> kDirections = {
    {"cedar-to-json", TranslatePolicyOptions::Direction::kCedarToJson},
    {"json-to-cedar", TranslatePolicyOptions::Direction::kJsonToCedar}};

/// Adds a command. Its options fill a struct that becomes the command when it was the one given.
template <typename Options>
class CommandBuilder {
 public:
  CommandBuilder(CLI::App& app, Command& command, const char* name, const char* description,
                 const char* examples)
      : options_(std::make_shared<Options>()), sub_(app.add_subcommand(name, description)) {
    sub_->footer(std::string("Examples:\n") + examples);
    sub_->add_flag("--json", command.is_json, "print one JSON document instead of text");
    sub_->callback([&command, options = options_] { command.options = *options; });
  }

  Options& options() { return *options_; }

  CommandBuilder& option(const char* flags, std::string& target, const char* description,
                         bool is_required = false) {
    sub_->add_option(flags, target, description)->required(is_required);
    return *this;
  }

  /// One of a few words.
  template <typename Enum>
  CommandBuilder& choice(const char* flags, Enum& target, const std::map<std::string, Enum>& words,
                         const char* description, bool is_required = false) {
    const auto take = [&target, &words](const std::string& word) { target = words.at(word); };
    sub_->add_option_function<std::string>(flags, take, description)
        ->check(CLI::IsMember(&words))
        ->required(is_required);
    return *this;
  }

  CommandBuilder& mode(pdp::Mode& target) {
    return choice("--mode", target, kModes,
                  "`strict` (default): Wardlock's rule; `cedar`: plain Cedar");
  }

  CommandBuilder& request(RequestInput& request) {
    return option("-l,--principal", request.principal, "who, e.g. 'User::\"alice\"'")
        .option("-a,--action", request.action, "does what, e.g. 'Action::\"view\"'")
        .option("-r,--resource", request.resource, "to what, e.g. 'Photo::\"beach.jpg\"'")
        .option("-c,--context", request.context, "JSON file: the context")
        .option("--request-json", request.request_json,
                "JSON file: {principal, action, resource, context}, in place of the above");
  }

  CommandBuilder& data(std::string& schema, std::string& entities) {
    return option("-s,--schema", schema, "schema file (`.json`: JSON syntax)")
        .option("--entities", entities, "JSON file: the entities");
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
      "  wardlock authorize --policies policies/hospital --schema "
      "policies/hospital/hospital.cedarschema \\\n"
      "    --entities policies/hospital/entities.json --principal 'User::\"dr-grey\"' \\\n"
      "    --action 'Action::\"stopInfusion\"' --resource 'InfusionPump::\"pump-7\"' "
      "--context context.json\n"
      "Exit status: 0 allow, 2 deny, 1 failure, 3 the request or entities do not fit the schema.");
  auto& options = builder.options();
  builder.option("-p,--policies", options.files.policies, kPoliciesHelp, true)
      .option("-k,--template-linked", options.files.links, "JSON file: template links")
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
  builder.option("expression", options.expression, "the expression", true)
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
  builder.option("-p,--policies", options.policies, kPoliciesHelp)
      .data(options.schema, options.entities)
      .option("--expression", options.expression, "an expression, as text");
}

void add_link(CLI::App& app, Command& command) {
  CommandBuilder<LinkOptions> builder(
      app, command, "link", "Fill the slots of a template, and add the link to a file of links",
      "  wardlock link --policies templates.cedar --template-linked links.json \\\n"
      "    --template-id share --new-id share-with-bob --arguments '{\"?principal\": "
      "\"User::\\\"bob\\\"\"}'");
  auto& options = builder.options();
  builder.option("-p,--policies", options.files.policies, kPoliciesHelp, true)
      .option("-k,--template-linked", options.files.links, "JSON file the link is added to")
      .option("--template-id", options.template_id, "the template's id", true)
      .option("-n,--new-id", options.new_id, "the new policy's id", true)
      .option("-a,--arguments", options.arguments, "JSON: the slots' entities", true);
}

void add_translate_policy(CLI::App& app, Command& command) {
  CommandBuilder<TranslatePolicyOptions> builder(
      app, command, "translate-policy", "Translate policies between Cedar text and JSON",
      "  wardlock translate-policy --direction cedar-to-json --policies draft.cedar\n"
      "  wardlock translate-policy --direction json-to-cedar < policies.json");
  auto& options = builder.options();
  options.policies = "-";
  builder.option("-p,--policies", options.policies, "the file to translate (default: `-`)")
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
      "\\\n"
      "    -d '{\"subject\":{\"type\":\"User\",\"id\":\"dr-grey\"},\"action\":{\"name\":\"view\"},"
      "\\\n         \"resource\":{\"type\":\"Patient\",\"id\":\"p-100\"}}'");
  auto& options = builder.options();
  builder
      .option("-p,--policies", options.policies,
              "folder: its `*.cedar` and `*.cedarschema` are read, nothing else", true)
      .data(options.schema, options.entities)
      .mode(options.mode)
      .option("--listen", options.listen, "loopback address and port (default: 127.0.0.1:8180)");
  builder->add_option("--threads", options.threads, "default: one for each core")
      ->check(CLI::Range(1, 256));
}

}  // namespace

std::variant<Command, ExitStatus> parse_command_line(int argc, const char* const* argv) {
  CLI::App app(
      "Wardlock: identity and access control for connected medical devices.\n"
      "`wardlock COMMAND --help` explains a command, with examples.",
      "wardlock");
  app.set_version_flag("--version", std::string("wardlock ") + std::string(version()));
  app.require_subcommand(1);
  Command command;
  add_authorize(app, command);
  add_evaluate(app, command);
  add_check_parse(app, command);
  add_link(app, command);
  add_translate_policy(app, command);
  add_language_version(app, command);
  add_pdp(app, command);
  // CLI11 reports by exceptions; they end here.
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return ExitStatus{app.exit(error) == 0 ? 0 : kFailure};
  }
  return command;
}

}  // namespace wardlock::cli
