#include <fmt/format.h>

#include <array>

#include "authn/token.h"
#include "base/wall_clock.h"
#include "cli/commands.h"
#include "cli/config_file.h"
#include "config/config.h"
#include "directory/model/moment.h"
#include "directory/registry/control_plane.h"
#include "server/directory.h"

namespace wardlock::cli {
namespace {

struct InitOptions {
  std::string config;
  std::string tenant;       ///< empty: the only one
  std::string user;         ///< the first administrator's user name
  std::string certificate;  ///< `sha256:…`; empty: a token is made
  unsigned hours = 24;
};

/// The first administrator says who administers from then on, and keeps the directory meanwhile.
constexpr std::array<std::string_view, 2> kFirstRoles = {"Administrator", "SecurityOfficer"};
constexpr unsigned kMostHours = 24 * 90;
constexpr std::int64_t kHour = 3'600'000;

Result<std::string> find_tenant(const config::Config& config, const std::string& name) {
  for (const config::Tenant& tenant : config.tenants) {
    if (tenant.name == name) return std::string(server::directory_tenant(name));
  }
  if (!name.empty()) return invalid(fmt::format("the configuration has no tenant `{}`", name));
  return invalid("the configuration has several tenants; say which with `--tenant`");
}

/// Whoever has that role already decides who else gets it.
Result<void> check_is_first(directory::Edit& edit, const std::string& role_id) {
  const auto holders =
      TRY(edit.relations({.relation = directory::Relation::kRoleAssignment, .object = role_id}));
  if (holders.empty()) return {};
  return fail(ErrorCode::kFailedPrecondition,
              "somebody administers this tenant already; a new administrator gets the role from a "
              "security officer, over /admin/v1");
}

struct First {
  std::string id;
  std::int64_t expires_ms = 0;
};

Result<First> enter_first(const directory::Registry& registry, directory::Edit& edit,
                          const std::string& tenant, const InitOptions& options,
                          const std::string& hash) {
  const directory::Thing person = TRY(edit.create(
      directory::Kind::kPerson, boost::json::object{{"userName", options.user}}, "active"));
  for (const std::string_view name : kFirstRoles) {
    const directory::Thing role = TRY(registry.find_by_identifier(
        tenant, "role.displayName", fmt::format("{}{}", directory::kControlPlanePrefix, name)));
    TRY_VOID(check_is_first(edit, role.id));
    TRY_VOID(edit.relate({.relation = directory::Relation::kRoleAssignment,
                          .subject = person.id,
                          .object = role.id}));
  }
  const bool is_token = options.certificate.empty();
  const auto credential = TRY(edit.issue_credential(
      {.thing = person.id,
       .form =
           is_token ? directory::CredentialForm::kToken : directory::CredentialForm::kCertificate,
       .hash = hash,
       .label = "first administrator",
       .expires_ms =
           is_token ? std::optional(wall_clock_ms() + options.hours * kHour) : std::nullopt}));
  return First{person.id, credential.expires_ms};
}

Result<Exit> initialise(const InitOptions& options, const Output& output) {
  const auto config = load_config(options.config, output);
  if (!config) return config.error();
  if (!config->directory) {
    return output.fail(
        {ErrorCode::kFailedPrecondition,
         "the configuration names no directory; say with `directory.database` where it is kept"});
  }
  if (!options.certificate.empty() && !authn::is_sha256_text(options.certificate)) {
    return invalid("`--certificate` is a fingerprint: `sha256:` and 64 lowercase hex digits");
  }
  const std::string tenant = TRY(find_tenant(*config, options.tenant));
  const auto store = TRY(server::open_store(*config->directory));
  const auto registry = server::make_registry(*store, server::node_name(*config));
  const directory::Mandate mandate = server::own_mandate(tenant, "wardlock init");
  TRY_VOID(registry->write(mandate,
                           [](directory::Edit& edit) { return edit.enter_control_plane_roles(); }));
  const std::string token = options.certificate.empty() ? authn::new_token() : std::string();
  const std::string hash = token.empty() ? options.certificate : authn::token_hash(token);
  First first;
  const auto entered = registry->write(mandate, [&](directory::Edit& edit) -> Result<void> {
    first = TRY(enter_first(*registry, edit, tenant, options, hash));
    return {};
  });
  if (!entered) return std::unexpected(entered.error());
  const std::string until = directory::to_time_text(first.expires_ms);
  boost::json::object report{{"tenant", tenant},
                             {"user", options.user},
                             {"id", first.id},
                             {"roles", boost::json::array(kFirstRoles.begin(), kFirstRoles.end())},
                             {"expires", until}};
  if (!token.empty()) report["token"] = token;
  output.print(
      report,
      token.empty()
          ? fmt::format("`{}` administers with that certificate until {}", options.user, until)
          : fmt::format("token: {}\n`{}` administers with it until {}; it is shown this "
                        "once. Make yourself another in time",
                        token, options.user, until));
  return Exit::kOk;
}

}  // namespace

void add_init(Commands& commands) {
  auto [command, options] = commands.add<InitOptions>(
      "init", "Make the directory of a configuration, and its first administrator",
      "  wardlock init --config wardlock.yaml --user hale\n"
      "  wardlock init --config wardlock.yaml --tenant st-mary --user hale --certificate "
      "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\n"
      "It is refused where somebody administers the tenant already.",
      initialise);
  command
      .option("-c,--config", options.config, "FILE", "configuration, as for `wardlock serve`", true)
      .option("--user", options.user, "NAME", "the administrator's user name", true)
      .option("--tenant", options.tenant, "NAME", "which of several tenants")
      .option("--certificate", options.certificate, "FINGERPRINT",
              "of the client certificate that is used instead of a token: `sha256:…`")
      .number("--hours", options.hours, 1, kMostHours, "how long the token is good (default: 24)");
}

}  // namespace wardlock::cli
