#include "config/directory_table.h"

#include <array>
#include <string_view>

// A part of the table in all_settings.cc.

namespace wardlock::config {
namespace {

constexpr std::int64_t kSecond = 1000;
constexpr std::int64_t kDay = 24 * 3600 * kSecond;
constexpr std::int64_t kMostDays = 3660 * kDay;

constexpr std::array<std::string_view, 2> kFlavours = {"standard", "active-directory"};
constexpr std::array<std::string_view, 6> kEmploymentTypes = {
    "employee", "contractor", "manufacturer", "researcher", "student", "other"};
constexpr char kTenantPattern[] = "[a-z0-9-]{1,64}";
constexpr char kUrlPattern[] = R"(ldaps?://[A-Za-z0-9.\[\]:-]+/?)";

}  // namespace

constinit const Setting kSecretKey[kSecretKeySettings] = {
    {.name = "file",
     .kind = Kind::kPath,
     .about = "64 hexadecimal digits and a newline, for its owner alone (0600); with `token`, the "
              "key as the token sealed it. The first of the list is made where it is not there and "
              "the database is an SQLite file"},
    {.name = "variable",
     .kind = Kind::kText,
     .about = "An environment variable with 64 hexadecimal digits, instead of a file",
     .pattern = "[A-Za-z_][A-Za-z0-9_]{0,127}",
     .form = "the name of an environment variable"},
    {.name = "module",
     .kind = Kind::kPath,
     .about = "The PKCS#11 library of a token that opens the file"},
    {.name = "token", .kind = Kind::kText, .about = "The token's label"},
    {.name = "key",
     .kind = Kind::kText,
     .about = "The label of an AES key in the token, which encrypts and decrypts by AES-GCM"},
    {.name = "pin_file",
     .kind = Kind::kPath,
     .about = "A file whose first line is the token's PIN (0600)"},
};

constinit const Setting kLdap[kLdapSettings] = {
    {.name = "tenant",
     .kind = Kind::kText,
     .about = "Whose people they are; needed where there are several tenants",
     .pattern = kTenantPattern,
     .form = "a tenant's name"},
    {.name = "type",
     .kind = Kind::kText,
     .about = "What goes without saying: names of attributes, filters, how an account is disabled",
     .fallback = "standard",
     .words = kFlavours},
    {.name = "url",
     .kind = Kind::kText,
     .about = "`ldaps://host[:port]`, or `ldap://host[:port]`, where StartTLS is asked for before "
              "anything else is sent",
     .is_required = true,
     .pattern = kUrlPattern,
     .form = "`ldaps://host`, or `ldap://host` with StartTLS"},
    {.name = "ca",
     .kind = Kind::kPath,
     .about = "Certificates of the authorities that vouch for the server, PEM; without it the "
              "system's"},
    {.name = "bind_dn",
     .kind = Kind::kText,
     .about = "Who reads there; an account of its own, which may only read",
     .is_required = true},
    {.name = "password_file",
     .kind = Kind::kPath,
     .about = "A file whose first line is its password (0600)",
     .is_required = true},
    {.name = "base",
     .kind = Kind::kText,
     .about = "The DN below which people are",
     .is_required = true},
    {.name = "filter",
     .kind = Kind::kText,
     .about = "Who of them (RFC 4515); without it all `inetOrgPerson`, or all users of Active "
              "Directory"},
    {.name = "disabled_filter",
     .kind = Kind::kText,
     .about = "Whose account is disabled there; without it those whom the password policy or "
              "`userAccountControl` has disabled"},
    {.name = "attributes",
     .kind = Kind::kTextMap,
     .about = "What attributes of people come from, e.g. `{userName: uid, name.givenName: "
              "givenName}`; replaces the usual ones (docs/ldap.md)",
     .fallback = "{}"},
    {.name = "groups",
     .kind = Kind::kText,
     .about = "The DN below which groups are; without it `base`, unless they are entered"},
    {.name = "group_filter",
     .kind = Kind::kText,
     .about = "Which of the entries there are groups (RFC 4515)"},
    {.name = "enter_groups",
     .kind = Kind::kFlag,
     .about = "The groups below `groups` become groups here, with their members; policies know "
              "each by the source's name and its own, e.g. `Group::\"main-ad/Nurses\"`",
     .fallback = "false"},
    {.name = "roles",
     .kind = Kind::kTextMap,
     .about = "The role that the members of a group have, by the group's DN",
     .fallback = "{}"},
    {.name = "interval",
     .kind = Kind::kDuration,
     .about = "How often it is read",
     .fallback = "15m",
     .least = 10 * kSecond,
     .most = 7 * kDay},
    {.name = "timeout",
     .kind = Kind::kDuration,
     .about = "How long the server may take for an answer",
     .fallback = "30s",
     .least = 100,
     .most = 600 * kSecond},
    {.name = "most_leaving_percent",
     .kind = Kind::kNumber,
     .about = "Where more of its people would leave or be suspended at once, or more of its groups "
              "close, nothing is changed",
     .fallback = "10",
     .least = 0,
     .most = 100},
};

constinit const Setting kReview[kReviewSettings] = {
    {.name = "interval",
     .kind = Kind::kDuration,
     .about = "How often a server reviews the directory by itself",
     .fallback = "1d",
     .least = kSecond,
     .most = 30 * kDay},
    {.name = "dormant_after",
     .kind = Kind::kDuration,
     .about = "People are dormant who have used no credential of the directory for so long",
     .fallback = "90d",
     .least = kSecond,
     .most = kMostDays},
    {.name = "invited_after",
     .kind = Kind::kDuration,
     .about = "Invited people should have come by then",
     .fallback = "30d",
     .least = kSecond,
     .most = kMostDays},
    {.name = "unused_after",
     .kind = Kind::kDuration,
     .about = "A credential is told that nobody has used for so long",
     .fallback = "90d",
     .least = kSecond,
     .most = kMostDays},
    {.name = "old_after",
     .kind = Kind::kDuration,
     .about = "A credential is told that was issued so long ago",
     .fallback = "365d",
     .least = kSecond,
     .most = kMostDays},
    {.name = "quarantined_after",
     .kind = Kind::kDuration,
     .about = "A device is told that has been in quarantine for so long",
     .fallback = "30d",
     .least = kSecond,
     .most = kMostDays},
    {.name = "unreviewed_after",
     .kind = Kind::kDuration,
     .about = "A privileged role is told that was given so long ago, of somebody whose rights "
              "nobody has reviewed",
     .fallback = "90d",
     .least = kSecond,
     .most = kMostDays},
    {.name = "notice",
     .kind = Kind::kDuration,
     .about = "What expires, is due or loses its last owner is told so long before",
     .fallback = "14d",
     .least = kSecond,
     .most = kMostDays},
    {.name = "suspend_dormant_after",
     .kind = Kind::kDuration,
     .about = "People who do nothing but administer are suspended when they have been dormant for "
              "so long; without it nobody is (docs/lifecycle.md says who never is)",
     .least = kSecond,
     .most = kMostDays},
    {.name = "leave_after_contract",
     .kind = Kind::kDuration,
     .about = "People leave so long after their contract's end; without it nobody does "
              "(docs/lifecycle.md says who never does)",
     .least = kSecond,
     .most = kMostDays},
};

constinit const Setting kRoleRule[kRoleRuleSettings] = {
    {.name = "tenant",
     .kind = Kind::kText,
     .about = "Whose rule it is; needed where there are several tenants",
     .pattern = kTenantPattern,
     .form = "a tenant's name"},
    {.name = "role",
     .kind = Kind::kText,
     .about = "The role that comes with the employment; none of Wardlock's own administration",
     .is_required = true},
    {.name = "organisation",
     .kind = Kind::kText,
     .about = "The code of the organisation where one must work; without it any"},
    {.name = "location",
     .kind = Kind::kText,
     .about = "The code of the place where one must work; without it any"},
    {.name = "title",
     .kind = Kind::kText,
     .about = "The `title` of the employment, whatever its capital letters; without it any"},
    {.name = "employment_type",
     .kind = Kind::kText,
     .about = "The `employmentType` of the employment; without it any",
     .words = kEmploymentTypes},
    {.name = "in_place",
     .kind = Kind::kFlag,
     .about = "The role counts in the place of the employment only",
     .fallback = "false"},
    {.name = "grace",
     .kind = Kind::kDuration,
     .about = "How long the role goes on after the employment",
     .fallback = "0s",
     .least = 0,
     .most = kMostDays},
};

}  // namespace wardlock::config
