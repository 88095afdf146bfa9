#include <fmt/format.h>

#include <cstdio>

#include "cli/bundle_text.h"
#include "cli/commands.h"
#include "cli/parse_check.h"
#include "config/config.h"
#include "config/listen_address.h"
#include "server/policy_files.h"
#include "server/serve.h"
#include "server/tenant_files.h"

namespace wardlock::cli {
namespace {

struct PdpOptions {
  std::string policies;
  std::string bundle;  ///< in the place of `policies` and `schema`
  std::vector<std::string> bundle_keys = {};
  std::string tenant;
  std::string environment;
  std::string serial_above;
  std::string schema;
  std::string entities;
  pdp::Mode mode = pdp::Mode::kStrict;
  std::string listen = "127.0.0.1:8180";
  unsigned threads = 0;  ///< 0: one for each core
  unsigned decision_steps = cedar::StepBudget::kDefault;
  std::string audit;                              ///< empty: nothing is recorded
  std::string directory;                          ///< empty: the file has all entities
  std::vector<std::string> types = {};            ///< `NAME=CEDARTYPE`
  std::vector<std::string> principal_types = {};  ///< none: all that the schema lets ask
};

Result<pdp::TypeMapping> types_of(const PdpOptions& options) {
  std::vector<pdp::TypeMapping::Renaming> renamings;
  for (const std::string& type : options.types) {
    const std::size_t equals = type.find('=');
    if (equals == std::string::npos) {
      return invalid(fmt::format("`--type {}` is not `NAME=CEDARTYPE`", type));
    }
    renamings.push_back({type.substr(0, equals), type.substr(equals + 1)});
  }
  if (options.principal_types.empty()) return pdp::TypeMapping::create(renamings, std::nullopt);
  return pdp::TypeMapping::create(renamings, options.principal_types);
}

/// Whose bundle the policies are; nothing where they are none.
Result<std::optional<config::BundleTrust>> bundle_of(const PdpOptions& options) {
  const bool has_more = !options.bundle_keys.empty() || !options.tenant.empty() ||
                        !options.environment.empty() || !options.serial_above.empty();
  if (options.bundle.empty()) {
    if (has_more)
      return invalid(
          "`--bundle-key`, `--tenant`, `--environment` and `--serial-above` go with `--bundle`");
    if (options.policies.empty())
      return invalid("give `--policies`, a folder, or `--bundle`, a file");
    return std::nullopt;
  }
  if (!options.policies.empty() || !options.schema.empty()) {
    return invalid("a bundle has policies and schema; leave out `--policies` and `--schema`");
  }
  if (options.bundle_keys.empty() || options.tenant.empty() || options.environment.empty()) {
    return invalid(
        "with `--bundle` say whose it must be: `--bundle-key`, `--tenant` and `--environment`");
  }
  if (options.bundle == "-") return invalid("a bundle is a file; it is watched");
  if (options.mode == pdp::Mode::kCedar) {
    return invalid("a bundle is decided by Wardlock's rule; leave out `--mode cedar`");
  }
  config::BundleTrust trust{
      .keys = options.bundle_keys, .tenant = options.tenant, .environment = options.environment};
  if (!options.serial_above.empty()) {
    trust.serial_above = TRY(read_serial(options.serial_above, "--serial-above"));
  }
  return trust;
}

/// The configuration of a server for this machine, where nobody signs in.
Result<config::Config> config_of(const PdpOptions& options) {
  const auto listen = TRY(config::parse_listen_address(options.listen, false));
  config::Tenant tenant{.name = "",
                        .policies = options.bundle.empty() ? options.policies : options.bundle,
                        .schema = options.schema,
                        .entities = options.entities,
                        .types = TRY(types_of(options)),
                        .bundle = TRY(bundle_of(options))};
  for (const std::string& path : {tenant.policies, tenant.schema, tenant.entities}) {
    if (path == "-") tenant.standard_input = TRY(server::read_source(path)).text;
  }
  config::Config config;
  config.server.listeners = {{.address = listen.address, .port = listen.port}};
  config.server.threads = options.threads;
  config.is_lenient = !tenant.bundle;
  config.tenants = {std::move(tenant)};
  config.decision_steps = options.decision_steps;
  if (!options.audit.empty())
    config.audit.emplace(config::Audit{.directory = options.audit, .is_immutable = false});
  if (!options.directory.empty()) {
    config.directory.emplace(config::Directory{.database = options.directory});
  }
  config.anonymous = pdp::Caller::unrestricted("anonymous");
  config.mode = options.mode;
  config.log = {.format = config::LogFormat::kText, .level = config::LogLevel::kWarning};
  return config;
}

void announce(const PdpOptions& options, const Output& output, const std::string& url,
              const server::ServedTenant& tenant) {
  const pdp::Snapshot& snapshot = *tenant.snapshot;
  for (const std::string& warning : snapshot.warnings()) output.note(warning);
  const std::size_t policies = snapshot.policies().policies().size();
  boost::json::object json{{"listening", url},
                           {"mode", to_string(options.mode)},
                           {"policies", policies},
                           {"entities", snapshot.entities.size()},
                           {"policy_set", snapshot.policy_set()}};
  if (tenant.bundle) json["bundle"] = server::bundle_json(*tenant.bundle);
  output.print(json, fmt::format("listening on {}, {} mode, {} policies, {} entities", url,
                                 to_string(options.mode), policies, snapshot.entities.size()));
  std::fflush(stdout);
}

Result<Exit> answer(const PdpOptions& options, const Output& output) {
  const config::Config config = TRY(config_of(options));
  const auto served = server::serve(
      config,
      {.read_config = {}, .on_listening = [&](const auto& urls, const server::World& world) {
         announce(options, output, urls.front(), world.tenants.front());
       }});
  if (served) return Exit::kOk;
  const auto sources = server::read_tenant(config.tenants.front());
  return sources ? report(*sources, served.error(), output) : output.fail(served.error());
}

}  // namespace

void add_pdp(Commands& commands) {
  auto [command, options] = commands.add<PdpOptions>(
      "pdp", "Answer AuthZEN questions over HTTP on this machine, without any state",
      "  wardlock pdp --policies policies/hospital --entities policies/hospital/entities.json\n"
      "  curl -s http://127.0.0.1:8180/access/v1/evaluation -H 'Content-Type: application/json' "
      "-d '{\n"
      "    \"subject\": {\"type\": \"User\", \"id\": \"dr-grey\"}, \"action\": {\"name\": "
      "\"view\"},\n"
      "    \"resource\": {\"type\": \"Patient\", \"id\": \"p-100\"}}'",
      answer);
  constexpr unsigned kMaxThreads = 256;
  constexpr unsigned kLeastSteps = 1'000, kMostSteps = 1'000'000'000;
  command
      .option("-p,--policies", options.policies, "PATH",
              "folder: its `*.cedar` and `*.cedarschema` are read, nothing else")
      .option("--bundle", options.bundle, "FILE", "a signed bundle, in place of a folder")
      .options_of_many("--bundle-key", options.bundle_keys, "FILE",
                       "public keys in PEM, one of which must have signed the bundle")
      .option("--tenant", options.tenant, "NAME", "whose the bundle must be")
      .option("--environment", options.environment, "NAME", "where the bundle must count")
      .option("--serial-above", options.serial_above, "N",
              "take no bundle with this serial or a lower one (default: 0)")
      .schema(options.schema)
      .entities(options.entities)
      .mode(options.mode)
      .option("--listen", options.listen, "HOST:PORT",
              "loopback address and port (default: 127.0.0.1:8180)")
      .number("--threads", options.threads, 1, kMaxThreads, "default: one for each core")
      .number("--decision-steps", options.decision_steps, kLeastSteps, kMostSteps,
              "how much work a decision may be before it is denied (default: 1000000)")
      .option(
          "--directory", options.directory, "URL",
          "`sqlite:PATH` or `postgresql://…`: its people, devices and roles are entities besides "
          "those of the file; it is changed over SCIM and /admin/v1 with a token of `wardlock "
          "init`")
      .option("--audit", options.audit, "DIR",
              "folder of an audit log, made where it is missing: every decision is recorded there "
              "before it is answered")
      .options_of_many("--type", options.types, "NAME=CEDARTYPE",
                       "a type name of callers, and the Cedar type it stands for")
      .options_of_many("--principal-type", options.principal_types, "CEDARTYPE",
                       "a type that may be a principal (default: those of the schema's actions)");
}

}  // namespace wardlock::cli
