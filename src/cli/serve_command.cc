#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstdio>

#include "audit/files/posix_files.h"
#include "audit/forward/forwarder.h"
#include "cli/commands.h"
#include "cli/config_file.h"
#include "cli/tune_command.h"
#include "config/config.h"
#include "config/description.h"
#include "server/reloader.h"
#include "server/serve.h"

namespace wardlock::cli {
namespace {

struct ServeOptions {
  std::string config;
};

struct ConfigOptions {
  enum class Task : std::uint8_t { kCheck, kShow, kSchema };
  Task task = Task::kCheck;
  std::string config;
  bool is_reference = false;  ///< of the schema: as tables for people
};

Exit check(const config::Config& config, const Output& output) {
  for (const net::Listener& listener : config.server.listeners) {
    if (!listener.tls) continue;
    if (const auto checked = net::check_tls(*listener.tls); !checked) {
      return output.fail(checked.error());
    }
  }
  if (config.audit) {
    audit::PosixFiles files;
    for (const audit::ForwarderOptions& each : config.audit->forwarders) {
      const auto checked = audit::check_forwarder(each, files);
      if (!checked) return output.fail(checked.error().in("audit.forward." + each.name));
    }
  }
  const auto loaded = server::load_world(config);
  if (!loaded) return output.fail(loaded.error());
  std::size_t policies = 0;
  for (const server::ServedTenant& tenant : loaded->world->tenants) {
    policies += tenant.snapshot->policies().policies().size();
  }
  output.print(boost::json::object{{"tenants", config.tenants.size()},
                                   {"callers", config.callers.size()},
                                   {"policies", policies}},
               fmt::format("sound: tenants {}, callers {}, policies {}", config.tenants.size(),
                           config.callers.size(), policies));
  return Exit::kOk;
}

Result<Exit> serve(const ServeOptions& options, const Output& output) {
  const auto config = load_config(options.config, output);
  if (!config) return config.error();
  TRY_VOID(server::serve(
      *config,
      {.read_config = [&] { return read_config(options.config); },
       .on_listening =
           [&](const auto& urls, const server::World&) {
             output.print(
                 boost::json::object{{"listening", boost::json::array(urls.begin(), urls.end())}},
                 fmt::format("listening on {}", fmt::join(urls, ", ")));
             std::fflush(stdout);
           }}));
  return Exit::kOk;
}

Result<Exit> configure(const ConfigOptions& options, const Output& output) {
  if (options.task == ConfigOptions::Task::kSchema) {
    const codec::Json schema = config::json_schema();
    output.print(schema,
                 options.is_reference ? config::reference() : codec::to_pretty_json_text(schema));
    return Exit::kOk;
  }
  const auto config = load_config(options.config, output);
  if (!config) return config.error();
  if (options.task == ConfigOptions::Task::kCheck) return check(*config, output);
  const codec::Json shown = config::shown(config->document);
  output.print(shown, config::to_yaml_text(shown));
  return Exit::kOk;
}

void add_config_option(CommandBuilder& command, std::string& config) {
  command.option("-c,--config", config, "FILE", "the configuration, YAML", true);
}

}  // namespace

void add_serve(Commands& commands) {
  auto [command, options] = commands.add<ServeOptions>(
      "serve", "Answer questions over HTTPS for callers that prove who they are",
      "  wardlock serve --config /etc/wardlock/wardlock.yaml\n"
      "SIGHUP reads callers and certificates anew; changed policies are taken over by themselves.",
      serve);
  add_config_option(command, options.config);
}

void add_config(Commands& commands) {
  Commands group = commands.group("config", "Check, show or describe a server's configuration");
  auto [check, check_options] = group.add<ConfigOptions>(
      "check", "Say all that is wrong with it and with the files it names",
      "  wardlock config check --config /etc/wardlock/wardlock.yaml", configure);
  check_options.task = ConfigOptions::Task::kCheck;
  add_config_option(check, check_options.config);
  auto [show, show_options] = group.add<ConfigOptions>(
      "show", "Print it with every default, and secrets shortened",
      "  wardlock config show --config /etc/wardlock/wardlock.yaml", configure);
  show_options.task = ConfigOptions::Task::kShow;
  add_config_option(show, show_options.config);
  auto [schema, schema_options] =
      group.add<ConfigOptions>("schema", "Print its JSON Schema, for editors",
                               "  wardlock config schema > wardlock.schema.json", configure);
  schema_options.task = ConfigOptions::Task::kSchema;
  schema.flag("--reference", schema_options.is_reference,
              "print the same as a table in Markdown, as docs/configuration.md has it");
  add_tune(group);
}

}  // namespace wardlock::cli
