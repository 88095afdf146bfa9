#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "access/grant/glass_rules.h"
#include "access/request/role_request_rules.h"
#include "audit/forward/forwarder_options.h"
#include "audit/witness/witness_client.h"
#include "authn/caller_registry.h"
#include "base/diagnostic.h"
#include "cedar/evaluator/step_budget.h"
#include "codec/json.h"
#include "config/authentication_settings.h"
#include "config/managed_policies.h"
#include "config/messages_settings.h"
#include "directory/feed/known_by.h"
#include "directory/fetch/source.h"
#include "directory/ldap/source.h"
#include "directory/lifecycle/review_rules.h"
#include "directory/lifecycle/role_rule.h"
#include "net/http_server.h"
#include "pdp/partition.h"
#include "pdp/type_mapping.h"
#include "secrets/key_source.h"

namespace wardlock::config {

/// Whose bundles a tenant takes its policies from.
struct BundleTrust {
  std::vector<std::string> keys;  ///< files of public keys, in PEM
  std::string tenant;             ///< as bundles name it
  std::string environment;
  std::uint64_t serial_above = 0;  ///< none with this serial or a lower one is taken
};

/// One organisation: its own policies, data and callers. Paths as they are to be opened.
struct Tenant {
  std::string name;  ///< empty: the only one, at the root of all paths
  std::string policies;
  std::string schema = {};    ///< empty: the one among the policies
  std::string entities = {};  ///< empty: none
  pdp::TypeMapping types = {};
  /// If there, `policies` is a bundle, which has the schema, too.
  std::optional<BundleTrust> bundle = {};
  std::string standard_input = {};  ///< what the path `-` stands for
  /// If there, the policies are kept in the directory's database, and `policies` is the folder of
  /// the first ones.
  std::optional<ManagedPolicies> managed = {};
};

enum class LogFormat : std::uint8_t { kJson, kText };
enum class LogLevel : std::uint8_t { kDebug, kInfo, kWarning, kError };

struct Log {
  LogFormat format = LogFormat::kJson;
  LogLevel level = LogLevel::kInfo;
  bool has_requests = false;
};

struct Reload {
  std::chrono::milliseconds interval{2000};
  std::chrono::milliseconds max_staleness{24 * 3'600'000};
};

/// What is done about an action that can't be recorded; the strictest first.
enum class OnFailure : std::uint8_t {
  kDeny,     ///< it is not answered
  kSpool,    ///< it is recorded in the spool; not answered where that is full
  kProceed,  ///< it is answered all the same
};

/// The audit log. Paths as they are to be opened.
struct Audit {
  std::string directory;
  std::string keys = {};    ///< empty: `keys` in the directory
  std::string origin = {};  ///< empty: the one the log has, or a drawn one
  std::string node = {};    ///< empty: the host's name
  OnFailure on_failure_otherwise = OnFailure::kDeny;
  std::map<std::string, OnFailure, std::less<>> on_failure = {};  ///< by class of action
  std::vector<std::string> unawaited = {};                        ///< classes of action
  /// Tenants whose schemas may put an action into a class that makes it less strict; nothing: all.
  std::optional<std::vector<std::string>> trusted_tenants = {};
  std::string spool_directory = {};                 ///< empty: the log's
  std::size_t spool_bytes = std::size_t{16} << 20;  ///< 0: none
  bool is_immutable = true;                         ///< its full files, where the filesystem can
  std::size_t segment_bytes = std::size_t{64} << 20;
  /// So many years records are kept at least, by class of action; nothing: all are kept for ever.
  std::map<std::string, int, std::less<>> retention_years = {};
  int retention_years_otherwise = 0;  ///< 0: all are kept for ever
  std::chrono::milliseconds commit_delay{0};
  std::chrono::milliseconds checkpoint_interval{1000};
  std::vector<audit::Witness> witnesses = {};
  std::chrono::milliseconds witness_interval{60'000};
  std::vector<audit::ForwarderOptions> forwarders = {};
};

/// Where people, devices and all else is kept that is known.
struct Directory {
  std::string database;  ///< as storage::StoreOptions takes it
  std::chrono::milliseconds keep_changes{std::chrono::hours(24 * 30)};
  std::chrono::milliseconds take_over_after{std::chrono::hours(24)};
  directory::KnownBy known_by = {};
  /// The first is the current one; none: no secrets are kept.
  std::vector<secrets::KeySource> secret_keys = {};
  std::vector<directory::LdapSource> ldap = {};
  std::vector<directory::FetchSource> attribute_sources = {};  ///< that are asked
  directory::ReviewRules review = {};
  access::GlassRules break_glass = {};  ///< without a reason the glass is not broken
  access::RoleRequestRules role_requests = {};
  access::RoleRequestRules approvals = access::kUsualApprovals;  ///< of actions
  std::vector<directory::RoleRule> role_rules = {};
  std::chrono::milliseconds role_rules_interval{5 * 60'000};
};

/// What a server is started with, checked in itself; the files it names are not looked at.
struct Config {
  net::ServerOptions server;
  std::string public_url;                  ///< empty: from each request
  std::vector<std::string> allowed_hosts;  ///< without ports
  std::vector<Tenant> tenants;             ///< at least one
  std::vector<authn::CallerEntry> callers;
  /// Who asks where nobody signs in; nothing: everybody must.
  std::optional<pdp::Caller> anonymous;
  pdp::Mode mode = pdp::Mode::kStrict;
  bool is_lenient = false;  ///< a schema is not needed, and unknown annotations are warnings
  authn::Quota failed_authentications{.rate = 1, .burst = 30};
  std::uint32_t max_batch = 100;
  std::uint64_t decision_steps = cedar::StepBudget::kDefault;  ///< how much work one may be
  std::chrono::milliseconds unready_time{0};  ///< between the word to stop and stopping
  Reload reload;
  Log log;
  std::optional<Audit> audit;                    ///< nothing: nothing is recorded
  std::optional<Directory> directory;            ///< nothing: there is none
  std::optional<Authentication> authentication;  ///< nothing: nobody signs in here
  std::optional<MessageWays> messages;           ///< nothing: nobody is told anything
  std::string administration_policies;           ///< empty: Wardlock's own
  /// What each credential of the directory may ask.
  authn::Quota administration_quota{.rate = 200, .burst = 1000};
  codec::Json document;  ///< all of it, as it was read; null where it was not read from a file
};

/// The settings at the top of the file in which two configurations differ, callers left aside.
std::vector<std::string> changes_beyond_callers(const Config& a, const Config& b);

/// Whether both have tenants of the same names, in the same order.
bool has_same_tenants(const Config& a, const Config& b);

/// Reads a configuration. `folder` is what its paths are relative to. Error: all that is wrong.
Parsed<Config> parse_config(std::string_view text, const std::string& folder);

}  // namespace wardlock::config
