#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "access/consent/consent_desk.h"
#include "access/delegation/delegation_desk.h"
#include "access/grant/glass_desk.h"
#include "access/request/kept_open_approvals.h"
#include "access/request/role_request_desk.h"
#include "access/review/review_desk.h"
#include "audit/index/query.h"
#include "authn/account/accounts.h"
#include "authn/account/enrolment.h"
#include "authn/message/messages.h"
#include "authn/oauth/provider.h"
#include "authn/session/sessions.h"
#include "base/error.h"
#include "config/config.h"
#include "directory/registry/registry.h"
#include "directory/told/told_desk.h"
#include "pdp/snapshot.h"
#include "secrets/secret_table.h"
#include "server/audit_log.h"
#include "server/bells.h"
#include "server/credential_index.h"
#include "server/directory_view.h"
#include "server/errand_office.h"
#include "server/log.h"
#include "server/log_index.h"
#include "server/metrics.h"
#include "server/outbox_courier.h"
#include "server/policy_desk.h"
#include "server/review_task.h"
#include "server/shared_recorder.h"
#include "server/upkeep.h"
#include "storage/store.h"

namespace wardlock::server {

/// What the directory calls a tenant of the configuration: the only one has no name there.
std::string_view directory_tenant(std::string_view name);

class ForeignProviders;

/// The directory of this process, and what decides who may change it. Its parts are thread-safe.
struct Directory {
  /// Opens the database, makes the tables that are missing, and enters the roles of administration.
  /// Audit and log outlive it; `audit` is null where nothing is recorded. Null where no directory
  /// is configured. Errors: what cannot be used, and why.
  static Result<std::unique_ptr<Directory>> open(const config::Config& config, AuditLog* audit,
                                                 Log& log);

  /// Of a tenant, as the directory calls it. Null: its policies are files.
  PolicyDesk* policy_desk(std::string_view tenant) const;
  /// Where people are told.
  void open_messages(const std::optional<config::MessageWays>& ways);
  /// Where rules name a reason for it.
  void open_glass_desk(const access::GlassRules& rules);

  /// Whether what is decided and changed can go on record, as far as it must.
  bool can_record() const;

  std::string node;
  directory::ReviewRules review;
  AuditLog* audit = nullptr;
  LogIndex* index = nullptr;  ///< of the audit log
  std::unique_ptr<storage::Store> store;
  std::unique_ptr<secrets::SecretTable> secrets;  ///< null: none are kept
  std::unique_ptr<directory::Registry> registry;
  std::shared_ptr<const pdp::Snapshot> policies;  ///< of administration
  std::unique_ptr<SharedRecorder> decisions;      ///< by those policies; null: nothing is recorded
  std::unique_ptr<directory::Outbox> outbox;
  std::unique_ptr<authn::Messages> messages;  ///< null: nobody is told anything
  std::unique_ptr<access::GlassSurroundings> glass;
  std::unique_ptr<access::GlassDesk> glass_desk;  ///< null: the glass is not broken here
  std::unique_ptr<access::ReviewSurroundings> review_surroundings;
  std::unique_ptr<access::ReviewDesk> review_desk;  ///< null where `glass_desk` is
  directory::Surroundings delegation_surroundings;
  std::unique_ptr<access::DelegationDesk> delegation_desk;
  std::unique_ptr<access::ConsentDesk> consent_desk;
  std::unique_ptr<access::RoleRequestSurroundings> role_request_surroundings;
  std::unique_ptr<access::RoleRequestDesk> role_request_desk;
  std::unique_ptr<directory::ToldDesk> told_desk;
  access::KeptOpenApprovals grants;  ///< for the views
  std::unique_ptr<OutboxCourier> courier;
  std::unique_ptr<CredentialIndex> credentials;
  std::unique_ptr<Upkeep> upkeep;
  ReviewBoard findings;
  directory::KnownBy known_by;
  std::vector<std::unique_ptr<DirectoryView>> views;  ///< what policies see, for each tenant
  /// Of the tenants whose policies are kept in the database.
  std::vector<std::unique_ptr<PolicyDesk>> policy_desks;
  /// How people sign in, set before anybody is served; null: nobody does here.
  authn::Accounts* accounts = nullptr;
  authn::Enrolments* enrolments = nullptr;
  authn::RecoveryDesk* recoveries = nullptr;
  authn::Sessions* sessions = nullptr;
  oauth::Provider* provider = nullptr;  ///< what applications are granted; null likewise
  const ForeignProviders* foreign = nullptr;
  Bells followed;  ///< of threads where questions wait until decisions follow a change
  std::unique_ptr<ErrandOffice> office;  ///< the last member: it uses the others
};

/// The other names under which a log may have whom the one names (directory/feed/log_names.h).
/// `tenant`: as events have it.
Result<std::vector<audit::NamedSubject>> find_other_names(const storage::Store& store,
                                                          const directory::KnownBy& known_by,
                                                          std::string_view tenant,
                                                          const audit::NamedSubject& named);

/// Its metrics.
void add_directory(const Directory& directory, Exposition& out);

/// The same, for one who has no server: database and registry alone.
Result<std::unique_ptr<storage::Store>> open_store(const config::Directory& options);
/// For who only reads: an SQLite file that is not there is not made. Error: kNotFound.
Result<std::unique_ptr<storage::Store>> open_kept_store(const config::Directory& options);
/// As storage::restore, of the configuration's directory. What is restored tells that it was, to
/// the audit log and to who follows the feed.
/// `may_lose_events`: also those that no audit log has yet; otherwise kFailedPrecondition.
Result<void> restore_store(const config::Config& config, const std::string& backup,
                           bool may_lose_events);
std::unique_ptr<directory::Registry> make_registry(storage::Store& store, std::string node,
                                                   secrets::SecretTable* secrets = nullptr);

/// The secrets in the database; null where no key for them is named. Error: a key is missing that
/// some of them are sealed under.
Result<std::unique_ptr<secrets::SecretTable>> open_secrets(const config::Directory& options,
                                                           const storage::Store& store);

/// Who does what Wardlock does by itself, and whoever works on the machine with its commands.
directory::Mandate own_mandate(std::string_view tenant, std::string_view why);

}  // namespace wardlock::server
