#include "server/directory.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "administration/own_policies.h"
#include "authn/account/tables.h"
#include "authn/message/tables.h"
#include "authn/oauth/promotion.h"
#include "authn/oauth/tables.h"
#include "authn/session/tables.h"
#include "base/wall_clock.h"
#include "crypto/random.h"
#include "directory/feed/log_names.h"
#include "directory/registry/tables.h"
#include "server/policy_files.h"
#include "tables/tables.h"

namespace wardlock::server {
namespace {

Result<std::shared_ptr<const pdp::Snapshot>> load_policies(const std::string& path) {
  if (path.empty()) return administration::build_policies(administration::own_policies());
  const pdp::Sources sources = TRY(read_policies(path));
  return administration::build_policies(sources);
}

Result<void> enter_roles(directory::Registry& registry, const config::Config& config) {
  for (const config::Tenant& tenant : config.tenants) {
    TRY_VOID(registry.write(
        own_mandate(directory_tenant(tenant.name), "roles of Wardlock's administration"),
        [](directory::Edit& edit) { return edit.enter_control_plane_roles(); }));
  }
  return {};
}

}  // namespace

std::string_view directory_tenant(std::string_view name) {
  return name.empty() ? directory::kOnlyTenant : name;
}

directory::Mandate own_mandate(std::string_view tenant, std::string_view why) {
  return {.tenant = std::string(tenant),
          .actor_type = "Wardlock",
          .actor_id = "wardlock",
          .caller = "wardlock",
          .reason = std::string(why)};
}

Result<std::unique_ptr<storage::Store>> open_store(const config::Directory& options) {
  return storage::Store::open({.url = options.database}, tables::migrations());
}

Result<std::unique_ptr<storage::Store>> open_kept_store(const config::Directory& options) {
  return storage::Store::open({.url = options.database, .must_exist = true}, tables::migrations());
}

namespace {

/// Events of what is replaced that no audit log has yet would be gone with it. What cannot be
/// opened cannot be asked, and a backup is there for just that; what waits of nodes that are gone,
/// no start of this one would take over at once.
Result<void> check_nothing_waits(const config::Config& config) {
  const auto store = open_kept_store(*config.directory);
  if (!store) return {};
  const directory::Backlog waiting = TRY(directory::Outbox(**store, node_name(config)).backlog());
  const std::uint64_t count = waiting.own;
  if (count == 0) return {};
  return fail(ErrorCode::kFailedPrecondition,
              fmt::format("{} events of this directory are not in the audit log yet, and would be "
                          "lost: start the server once, so that it takes them over, or say "
                          "`--lose-events`",
                          count));
}

}  // namespace

Result<void> restore_store(const config::Config& config, const std::string& backup,
                           bool may_lose_events) {
  if (!may_lose_events) TRY_VOID(check_nothing_waits(config));
  const auto tell = [&](storage::Store& store) -> Result<void> {
    const auto registry = make_registry(store, node_name(config));
    for (const config::Tenant& tenant : config.tenants) {
      TRY_VOID(registry->write(own_mandate(directory_tenant(tenant.name), "wardlock restore"),
                               [](directory::Edit& edit) { return edit.note_restored(); }));
    }
    TRY_VOID(authn::forget_all_sessions(store));
    TRY_VOID(oauth::forget_all_grants(store));
    TRY_VOID(authn::forget_all_messages(store));
    return authn::forget_all_enrolments(store);
  };
  return storage::restore(backup, {.url = config.directory->database}, tables::migrations(), tell);
}

namespace {

directory::Surroundings surroundings_of(std::string node, secrets::SecretTable* secrets) {
  return {.clock = &wall_clock_ms,
          .fill_random = &crypto::fill_random,
          .node = std::move(node),
          .secrets = secrets,
          .promoted = &oauth::end_what_the_promoted_had};
}

Result<void> open_policy_desks(const config::Config& config, Directory& opened) {
  for (const config::Tenant& tenant : config.tenants) {
    if (!tenant.managed) continue;
    opened.policy_desks.push_back(
        TRY(PolicyDesk::open({.tenant = std::string(directory_tenant(tenant.name)),
                              .settings = *tenant.managed,
                              .store = *opened.store,
                              .directory = surroundings_of(opened.node, opened.secrets.get()),
                              .administration = opened.policies})));
  }
  return {};
}

}  // namespace

std::unique_ptr<directory::Registry> make_registry(storage::Store& store, std::string node,
                                                   secrets::SecretTable* secrets) {
  return std::make_unique<directory::Registry>(store, surroundings_of(std::move(node), secrets));
}

PolicyDesk* Directory::policy_desk(std::string_view tenant) const {
  const auto found = std::ranges::find_if(
      policy_desks, [&](const auto& each) { return each->tenant() == tenant; });
  return found == policy_desks.end() ? nullptr : found->get();
}

Result<std::unique_ptr<secrets::SecretTable>> open_secrets(const config::Directory& options,
                                                           const storage::Store& store) {
  if (options.secret_keys.empty()) return nullptr;
  // Several nodes that each made a key of their own could not read each other's secrets.
  const bool may_create = !store.is_postgresql();
  auto table = std::make_unique<secrets::SecretTable>(
      TRY(secrets::load_sealer(options.secret_keys, may_create)));
  TRY_VOID(table->check_keys(store));
  return table;
}

Result<std::unique_ptr<Directory>> Directory::open(const config::Config& config, AuditLog* audit,
                                                   Log& log) {
  if (!config.directory) return nullptr;
  auto opened = std::make_unique<Directory>();
  opened->node = node_name(config);
  opened->review = config.directory->review;
  opened->audit = audit;
  opened->known_by = config.directory->known_by;
  opened->policies = TRY(load_policies(config.administration_policies));
  if (audit != nullptr) opened->decisions = std::make_unique<SharedRecorder>(*audit);
  opened->store = TRY(open_store(*config.directory));
  opened->secrets = TRY(open_secrets(*config.directory, *opened->store));
  opened->registry = make_registry(*opened->store, opened->node, opened->secrets.get());
  TRY_VOID(enter_roles(*opened->registry, config));
  TRY_VOID(open_policy_desks(config, *opened));
  opened->outbox = std::make_unique<directory::Outbox>(*opened->store, opened->node);
  opened->courier = TRY(OutboxCourier::start(*opened->store, *opened->outbox, audit,
                                             config.directory->take_over_after, log));
  opened->credentials =
      TRY(CredentialIndex::start(*opened->store, *opened->registry, config.administration_quota));
  opened->upkeep =
      std::make_unique<Upkeep>(*opened->registry, *opened->credentials, log,
                               Upkeep::Options{.keep_changes = config.directory->keep_changes});
  opened->open_messages(config.messages);
  opened->open_glass_desk(config.directory->break_glass);
  opened->delegation_surroundings = surroundings_of(opened->node, nullptr);
  opened->delegation_desk =
      std::make_unique<access::DelegationDesk>(*opened->store, opened->delegation_surroundings);
  opened->consent_desk =
      std::make_unique<access::ConsentDesk>(*opened->store, opened->delegation_surroundings);
  opened->role_request_surroundings = std::make_unique<access::RoleRequestSurroundings>(
      *opened->store, *opened->registry, opened->delegation_surroundings,
      config.directory->role_requests, config.directory->approvals, authn::SigningRules(),
      opened->messages.get());
  opened->role_request_desk =
      std::make_unique<access::RoleRequestDesk>(*opened->role_request_surroundings);
  opened->told_desk =
      std::make_unique<directory::ToldDesk>(*opened->store, opened->delegation_surroundings);
  for (const config::Tenant& tenant : config.tenants) {
    opened->views.push_back(
        std::make_unique<DirectoryView>(*opened->store, std::string(directory_tenant(tenant.name)),
                                        config.directory->known_by, &opened->grants, true));
  }
  opened->office = std::make_unique<ErrandOffice>(ErrandOffice::Options{});
  return opened;
}

Result<std::vector<audit::NamedSubject>> find_other_names(const storage::Store& store,
                                                          const directory::KnownBy& known_by,
                                                          std::string_view tenant,
                                                          const audit::NamedSubject& named) {
  const auto names = TRY(directory::find_log_names(store, directory_tenant(tenant), known_by,
                                                   {.type = named.type, .id = named.id}));
  std::vector<audit::NamedSubject> others;
  for (const directory::LogName& each : std::span(names).subspan(1)) {
    others.push_back({.type = each.type, .id = each.id});
  }
  return others;
}

void Directory::open_messages(const std::optional<config::MessageWays>& ways) {
  if (!ways) return;
  messages = std::make_unique<authn::Messages>(
      *store,
      directory::Surroundings{.clock = &wall_clock_ms,
                              .fill_random = &crypto::fill_random,
                              .node = node,
                              .secrets = secrets.get()},
      authn::MessageSettings{.has_notices = ways->has_notices(),
                             .has_codes = ways->device_codes != config::DeviceCodes::kOff,
                             .remind_before_ms = ways->remind_before.count(),
                             .tried_for_ms = ways->give_up_after.count()});
}

void Directory::open_glass_desk(const access::GlassRules& rules) {
  if (rules.reasons.empty()) return;
  glass = std::make_unique<access::GlassSurroundings>(
      *store,
      directory::Surroundings{
          .clock = &wall_clock_ms, .fill_random = &crypto::fill_random, .node = node},
      rules, messages.get());
  glass_desk = std::make_unique<access::GlassDesk>(*glass);
  review_surroundings = std::make_unique<access::ReviewSurroundings>(
      *store, glass->directory, authn::SigningRules(), messages.get());
  review_desk = std::make_unique<access::ReviewDesk>(*review_surroundings);
}

bool Directory::can_record() const {
  if (audit == nullptr || audit->on_failure("administration") != config::OnFailure::kDeny) {
    return true;
  }
  return !audit->log().is_failing() && !courier->status().is_stuck;
}

void add_directory(const Directory& directory, Exposition& out) {
  const OutboxCourier::Status courier = directory.courier->status();
  const auto gauge = [&](const char* name, const char* help, std::uint64_t value) {
    out.single(name, "gauge", help, static_cast<double>(value));
  };
  gauge("wardlock_directory_events_waiting",
        "Audit events of the directory that wait to be taken into the log.", courier.waiting);
  gauge("wardlock_directory_events_waiting_elsewhere",
        "The same of other nodes, each of which takes its own while it lives.", courier.others);
  gauge("wardlock_directory_events_stuck", "1 while they cannot be taken into the log.",
        courier.is_stuck ? 1 : 0);
  out.single("wardlock_directory_events_total", "counter",
             "Audit events of the directory that were taken into the log.",
             static_cast<double>(courier.taken));
  gauge("wardlock_directory_credentials", "Credentials that are good.",
        directory.credentials->size());
  directory.findings.add_to(out);
  gauge("wardlock_directory_requests_waiting", "Requests that wait for the directory's threads.",
        directory.office->waiting());
}

}  // namespace wardlock::server
