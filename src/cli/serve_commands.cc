#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstdio>
#include <filesystem>

#include "authn/token.h"
#include "cli/commands.h"
#include "config/config.h"
#include "config/description.h"
#include "server/policy_files.h"
#include "server/reloader.h"
#include "server/serve.h"

namespace wardlock::cli {
namespace {

std::string folder_of(const std::string& path) {
  return path == "-" ? "." : std::filesystem::path(path).parent_path().string();
}

/// The configuration as it can be now; for a running server.
Result<config::Config> read_config(const std::string& path) {
  const pdp::Source source = TRY(server::read_source(path));
  auto config = config::parse_config(source.text, folder_of(path));
  if (!config) return std::unexpected(to_error(config.error(), source.text, source.name));
  return *std::move(config);
}

/// The same for a command: what is wrong is reported, and the exit status returned.
std::expected<config::Config, Exit> load_config(const std::string& path, const Output& output) {
  const auto source = server::read_source(path);
  if (!source) return std::unexpected(output.fail(source.error()));
  auto config = config::parse_config(source->text, folder_of(path));
  if (config) return *std::move(config);
  return std::unexpected(
      output.fail({{source->name, source->text, std::move(config).error()}}, Exit::kInvalid));
}

Exit check(const config::Config& config, const Output& output) {
  for (const net::Listener& listener : config.server.listeners) {
    if (!listener.tls) continue;
    if (const auto checked = net::check_tls(*listener.tls); !checked) {
      return output.fail(checked.error());
    }
  }
  const auto loaded = server::load_world(config);
  if (!loaded) return output.fail(loaded.error());
  std::size_t policies = 0;
  for (const server::ServedTenant& tenant : loaded->world->tenants) {
    policies += tenant.snapshot->policies.policies().size();
  }
  output.print(boost::json::object{{"tenants", config.tenants.size()},
                                   {"callers", config.callers.size()},
                                   {"policies", policies}},
               fmt::format("sound: tenants {}, callers {}, policies {}", config.tenants.size(),
                           config.callers.size(), policies));
  return Exit::kOk;
}

}  // namespace

Exit run(const ServeOptions& options, const Output& output) {
  const auto config = load_config(options.config, output);
  if (!config) return config.error();
  const auto served = server::serve(
      *config,
      {.read_config = [&] { return read_config(options.config); },
       .on_listening =
           [&](const auto& urls, const server::World&) {
             output.print(
                 boost::json::object{{"listening", boost::json::array(urls.begin(), urls.end())}},
                 fmt::format("listening on {}", fmt::join(urls, ", ")));
             std::fflush(stdout);
           }});
  return served ? Exit::kOk : output.fail(served.error());
}

Exit run(const ConfigOptions& options, const Output& output) {
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

Exit run(const TokenOptions&, const Output& output) {
  const std::string token = authn::new_token();
  const std::string hash = authn::token_hash(token);
  output.print(boost::json::object{{"token", token}, {"hash", hash}},
               fmt::format("token: {}\nhash:  {}", token, hash));
  return Exit::kOk;
}

}  // namespace wardlock::cli
