#include <algorithm>
#include <array>

#include "config/attribute_source_table.h"
#include "config/audit_table.h"
#include "config/authentication_table.h"
#include "config/directory_table.h"
#include "config/limits_table.h"
#include "config/managed_policies_table.h"
#include "config/messages_table.h"
#include "config/setting.h"
#include "config/setting_forms.h"

// The table of all settings, and nothing else. `about` is a sentence for the reference in
// docs/configuration.md; `./dev docs` writes it there.

namespace wardlock::config {
namespace {

constexpr char kSourcePattern[] = "[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?";
constexpr char kTypePattern[] = "[A-Za-z_][A-Za-z0-9_]*(::[A-Za-z_][A-Za-z0-9_]*)*";
constexpr char kTypeForm[] = "a Cedar entity type, e.g. `Hospital::User`";

constexpr std::array<std::string_view, 2> kTlsVersions = {"1.2", "1.3"};
constexpr std::array<std::string_view, 9> kRights = {
    "explain", "attest", "override", "search", "audit", "disclose", "erase", "hold", "metrics"};
constexpr std::array<std::string_view, 2> kFormats = {"json", "text"};
constexpr std::array<std::string_view, 4> kLevels = {"debug", "info", "warning", "error"};
constexpr std::array<std::string_view, 2> kEither = {"policies", "tenants"};

constexpr Setting kTls[] = {
    {.name = "certificate",
     .kind = Kind::kPath,
     .about = "The server's certificate and its chain, PEM",
     .is_required = true},
    {.name = "key", .kind = Kind::kPath, .about = "Its private key, PEM", .is_required = true},
    {.name = "client_ca",
     .kind = Kind::kPath,
     .about =
         "Certificates of the authorities that issue client certificates, PEM; without it none "
         "is asked for"},
    {.name = "require_client_certificate",
     .kind = Kind::kFlag,
     .about = "Ends a connection without a client certificate",
     .fallback = "false"},
    {.name = "min_version",
     .kind = Kind::kText,
     .about = "The lowest version of TLS that is spoken",
     .fallback = "1.2",
     .words = kTlsVersions},
};

constexpr Setting kListener[] = {
    {.name = "address",
     .kind = Kind::kText,
     .about = "Where to listen; without `tls` a loopback address",
     .is_required = true,
     .pattern = R"((\[[0-9A-Fa-f:.]+\]|[0-9.]+|localhost):[0-9]{1,5})",
     .form = "an IP address and a port, e.g. `0.0.0.0:8443` or `[::1]:8180`"},
    {.name = "tls", .kind = Kind::kSection, .about = "Makes it HTTPS", .settings = kTls},
};

constexpr Setting kScope[] = {
    {.name = "types",
     .kind = Kind::kTexts,
     .about = "Cedar types of principals and resources it may ask about; `[\"*\"]`: all",
     .is_required = true,
     .pattern = R"(\*|[A-Za-z_][A-Za-z0-9_]*(::[A-Za-z_][A-Za-z0-9_]*)*)",
     .form = "a Cedar entity type, or `*`"},
    {.name = "actions",
     .kind = Kind::kTexts,
     .about = "Actions it may ask about, by id; `[\"*\"]`: all",
     .is_required = true,
     .pattern = "[\\s\\S]{1,256}",
     .form = "an action's id, or `*`"},
    {.name = "attributes",
     .kind = Kind::kTexts,
     .about = "What it may say of them, and see in explanations: `LabReport.status`, "
              "`context.rate`, `action.method`; to see alone `User in Role`, `User tags`; "
              "`[\"*\"]`: anything",
     .is_required = true,
     .pattern = R"(\*|[^. ]+\.[\s\S]{1,256}|[^. ]+ (tags|in [^. ]+))",
     .form = "`TYPE.NAME`, `context.NAME`, `action.NAME`, `TYPE in GROUP`, `TYPE tags` or `*`"},
};

constexpr Setting kQuota[] = {
    {.name = "rate",
     .kind = Kind::kNumber,
     .about = "Evaluations a second over time",
     .is_required = true,
     .least = 1,
     .most = 1'000'000},
    {.name = "burst",
     .kind = Kind::kNumber,
     .about = "Evaluations at once",
     .is_required = true,
     .least = 1,
     .most = 10'000'000},
};

constexpr Setting kCaller[] = {
    {.name = "id",
     .kind = Kind::kText,
     .about = "Its name in logs and, as `context.pep`, in policies",
     .is_required = true,
     .pattern = kIdPattern,
     .form = kIdForm},
    {.name = "tokens",
     .kind = Kind::kTexts,
     .about = "Hashes of its bearer tokens, as `wardlock token new` prints them; two while one is "
              "being replaced",
     .fallback = "[]",
     .pattern = "sha256:[0-9a-f]{64}",
     .form = "`sha256:` and 64 hex digits, as `wardlock token new` prints",
     .is_secret = true},
    {.name = "certificates",
     .kind = Kind::kTexts,
     .about = "Client certificates: fingerprint `sha256:…`, or a name they hold: `dns:…`, `uri:…`",
     .fallback = "[]",
     .pattern = "sha256:[0-9a-f]{64}|(dns|uri):[^*]{1,512}",
     .form = "`sha256:` and 64 hex digits, `dns:NAME` or `uri:NAME`"},
    {.name = "clients",
     .kind = Kind::kTexts,
     .about =
         "Clients of OAuth whose own access tokens it asks with: their ids, as `wardlock client "
         "list` shows them",
     .fallback = "[]",
     .pattern = "[!-~]{1,256}",
     .form = "the id of a client"},
    {.name = "scope",
     .kind = Kind::kSection,
     .about = "What it may ask; without it nothing",
     .settings = kScope},
    {.name = "rights",
     .kind = Kind::kTexts,
     .about = "`explain`: replies say why; `attest`: its word on how a person signed in counts; "
              "`override`: it may use break-glass grants; `search`: it may ask for all that "
              "somebody may "
              "access, and who may; `metrics`: it may read /metrics; `audit`: it may read the "
              "audit log, with "
              "what says who and whose hidden; `disclose`: and find by it, and see it; `erase`: it "
              "may erase "
              "what the log holds of a person or patient; `hold`: it may put legal holds on them, "
              "and lift "
              "them",
     .fallback = "[]",
     .words = kRights},
    {.name = "requires_subject_token",
     .kind = Kind::kFlag,
     .about = "It asks only with a token of the person it asks about, in `Wardlock-Subject-Token`",
     .fallback = "false"},
    {.name = "quota",
     .kind = Kind::kSection,
     .about = "How much it may ask; without it any amount",
     .settings = kQuota},
};

/// One tenant's, in its section or, where there is but one, at the top.
constexpr Setting kTenant[] = {
    {.name = "policies",
     .kind = Kind::kPathOrSection,
     .about = "A folder: its `*.cedar` and `*.cedarschema` are read, nothing else; or `managed`: "
              "they are kept in the directory's database, and change there",
     .is_required = true,
     .settings = kManaged},
    {.name = "schema",
     .kind = Kind::kPath,
     .about = "The schema, where it does not lie in that folder"},
    {.name = "entities", .kind = Kind::kPath, .about = "The entities, JSON"},
    {.name = "types",
     .kind = Kind::kTextMap,
     .about = "Callers' type names, each with its Cedar type, e.g. `user: Hospital::User`",
     .fallback = "{}",
     .pattern = kTypePattern,
     .form = kTypeForm},
    {.name = "principal_types",
     .kind = Kind::kTexts,
     .about = "Cedar types that may be a principal; without it those of the schema's actions",
     .pattern = kTypePattern,
     .form = kTypeForm},
    {.name = "callers",
     .kind = Kind::kSections,
     .about = "The enforcement points that may ask",
     .fallback = "[]",
     .settings = kCaller},
};

constexpr Setting kReload[] = {
    {.name = "interval",
     .kind = Kind::kDuration,
     .about = "How often files are looked at; a change must be quiet for as long",
     .fallback = "2s",
     .least = 50,
     .most = kHour},
    {.name = "max_staleness",
     .kind = Kind::kDuration,
     .about = "How long files may be unusable before /readyz says 503; decisions go on from the "
              "last good set",
     .fallback = "24h",
     .least = kSecond,
     .most = 365 * kDay},
};

constexpr Setting kLog[] = {
    {.name = "format",
     .kind = Kind::kText,
     .about = "One JSON object a line, or text",
     .fallback = "json",
     .words = kFormats},
    {.name = "level",
     .kind = Kind::kText,
     .about = "The least that is written",
     .fallback = "info",
     .words = kLevels},
    {.name = "requests",
     .kind = Kind::kFlag,
     .about = "A line for each request",
     .fallback = "false"},
};

constexpr Setting kDirectory[] = {
    {.name = "database",
     .kind = Kind::kText,
     .about = "Where it is kept: `sqlite:PATH`, or `postgresql://…` as libpq takes it. A password "
              "belongs into a `passfile` or the environment, not here",
     .is_required = true,
     .pattern = "(sqlite:[^\\x00-\\x1f]+|postgres(ql)?://[^\\x00-\\x1f]+)",
     .form = "`sqlite:PATH` or `postgresql://…`"},
    {.name = "keep_changes",
     .kind = Kind::kDuration,
     .about = "How long the change feed keeps what has changed",
     .fallback = "30d",
     .least = kHour,
     .most = 3660 * kDay},
    {.name = "take_over_after",
     .kind = Kind::kDuration,
     .about = "After how long without a sign of another node its audit events that still wait are "
              "taken into this node's log",
     .fallback = "1d",
     .least = 60 * kSecond,
     .most = 3660 * kDay},
    {.name = "known_by",
     .kind = Kind::kTextMap,
     .about = "By which unique attribute policies and questions know the things of a kind, such as "
              "people by `userName`, where they have no `entityId`; without it by the id that the "
              "directory gave them",
     .fallback = "{}"},
    {.name = "secret_keys",
     .kind = Kind::kSections,
     .about =
         "What secrets in the database are sealed under: the first seals, the others open what "
         "was sealed before. Without them an SQLite database has a key beside it, in the file "
         "of its name and `.key`, and PostgreSQL keeps no secrets",
     .fallback = "[]",
     .settings = kSecretKey},
    {.name = "ldap",
     .kind = Kind::kNamed,
     .about = "LDAP directories that people come from, each under a name of its own, which its "
              "people are known by from then on (docs/ldap.md)",
     .fallback = "{}",
     .pattern = kSourcePattern,
     .form = "lowercase letters, digits and inner hyphens, at most 40, e.g. `main-ad`",
     .settings = kLdap},
    {.name = "attribute_sources",
     .kind = Kind::kNamed,
     .about = "Systems that are asked for attributes, each under its name in the policies' schema "
              "(docs/attribute-sources.md)",
     .fallback = "{}",
     .pattern = kSourcePattern,
     .form = "lowercase letters, digits and inner hyphens, at most 40, e.g. `rota`",
     .settings = kAttributeSource},
    {.name = "review",
     .kind = Kind::kSection,
     .about = "From when on a review tells of something, and what is done about it "
              "(docs/lifecycle.md)",
     .fallback = "{}",
     .settings = kReview},
    {.name = "break_glass",
     .kind = Kind::kSection,
     .about = "How access is opened in an emergency (docs/break-glass.md)",
     .fallback = "{}",
     .settings = kBreakGlass},
    {.name = "role_requests",
     .kind = Kind::kSection,
     .about = "How long roles are given that people ask for (docs/access-requests.md)",
     .fallback = "{}",
     .settings = kRoleRequests},
    {.name = "approvals",
     .kind = Kind::kSection,
     .about = "How long others' agreement to one action counts (docs/access-requests.md)",
     .fallback = "{}",
     .settings = kApprovals},
    {.name = "role_rules",
     .kind = Kind::kNamed,
     .about = "Which roles come with an employment and end with it, each rule under a name of its "
              "own (docs/lifecycle.md)",
     .fallback = "{}",
     .pattern = kSourcePattern,
     .form = "lowercase letters, digits and inner hyphens, at most 40, e.g. `ward-nurse`",
     .settings = kRoleRule},
    {.name = "role_rules_interval",
     .kind = Kind::kDuration,
     .about = "How often these rules are applied",
     .fallback = "5m",
     .least = 1000,
     .most = kDay},
};

constexpr Setting kRequests[] = {
    {.name = "rate",
     .kind = Kind::kNumber,
     .about = "Requests a second over time",
     .fallback = "200",
     .least = 1,
     .most = 1'000'000},
    {.name = "burst",
     .kind = Kind::kNumber,
     .about = "Requests at once",
     .fallback = "1000",
     .least = 1,
     .most = 10'000'000},
};

constexpr Setting kAdministration[] = {
    {.name = "quota",
     .kind = Kind::kSection,
     .about = "How much one credential of the directory may ask for",
     .fallback = "{}",
     .settings = kRequests},
    {.name = "policies",
     .kind = Kind::kPath,
     .about = "A folder of policies, with their schema, that decide who may administer Wardlock, "
              "instead of its own (docs/administration.md)"},
};

constexpr Setting kServer[] = {
    {.name = "listeners",
     .kind = Kind::kSections,
     .about = "Where to listen",
     .is_required = true,
     .settings = kListener},
    {.name = "public_url",
     .kind = Kind::kText,
     .about = "What callers know it by; without it taken from each request's `Host`",
     .pattern = "https?://[A-Za-z0-9.\\[\\]:-]+",
     .form = "a URL without a path, e.g. `https://wardlock.example.org`"},
    {.name = "allowed_hosts",
     .kind = Kind::kTexts,
     .about =
         "What `Host` may be; loopback names always may on listeners without `tls`. Without it "
         "listeners with `tls` take any",
     .fallback = "[]",
     .pattern = "[A-Za-z0-9.\\[\\]:-]+",
     .form = "a host name without a port, e.g. `wardlock.example.org`"},
};

constexpr Setting kOthers[] = {
    {.name = "tenants",
     .kind = Kind::kNamed,
     .about = "Several organisations side by side, each below a path of its name; callers at the "
              "top then belong to none and may read /metrics only",
     .pattern = kNamePattern,
     .form = kNameForm,
     .settings = kTenant},
    {.name = "reload",
     .kind = Kind::kSection,
     .about = "How changed files are taken over",
     .fallback = "{}",
     .settings = kReload},
    {.name = "limits",
     .kind = Kind::kSection,
     .about = "What is refused for its size or number",
     .fallback = "{}",
     .settings = kLimits},
    {.name = "timeouts",
     .kind = Kind::kSection,
     .about = "What is refused for its slowness",
     .fallback = "{}",
     .settings = kTimeouts},
    {.name = "log",
     .kind = Kind::kSection,
     .about = "What is written to standard error",
     .fallback = "{}",
     .settings = kLog},
    {.name = "audit",
     .kind = Kind::kSection,
     .about = "The audit log; without it nothing is recorded",
     .settings = kAudit},
    {.name = "directory",
     .kind = Kind::kSection,
     .about = "Who and what there is, kept in a database and changed over SCIM and /admin/v1; "
              "without it there are the `entities` files only",
     .settings = kDirectory},
    {.name = "authentication",
     .kind = Kind::kSection,
     .about = "How people sign in; without it nobody does (docs/signing-in.md)",
     .settings = kAuthentication},
    {.name = "messages",
     .kind = Kind::kSection,
     .about = "How people are told of what concerns how they sign in; without it they are not "
              "(docs/messages.md)",
     .settings = kMessages},
    {.name = "administration",
     .kind = Kind::kSection,
     .about = "Who may change what the directory has",
     .fallback = "{}",
     .settings = kAdministration},
    {.name = "threads",
     .kind = Kind::kNumber,
     .about = "`0`: one for each core",
     .fallback = "0",
     .least = 0,
     .most = 256},
};

/// The settings of several tables, in their order.
template <std::size_t... Sizes>
constexpr auto join(const Setting (&... tables)[Sizes]) {
  std::array<Setting, (Sizes + ...)> out = {};
  std::size_t end = 0;
  (std::ranges::for_each(tables, [&](const Setting& each) { out[end++] = each; }), ...);
  return out;
}

constexpr auto kRoot = join(kServer, kTenant, kOthers);

}  // namespace

std::span<const Setting> all_settings() { return kRoot; }
std::span<const std::string_view> alternatives() { return kEither; }

}  // namespace wardlock::config
