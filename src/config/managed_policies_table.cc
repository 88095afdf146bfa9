#include "config/managed_policies_table.h"

#include "config/setting_forms.h"

// A part of the table in all_settings.cc.

namespace wardlock::config {
namespace {

constexpr Setting kKey[] = {
    {.name = "file",
     .kind = Kind::kPath,
     .about = "A private key in PEM, Ed25519 or P-256, for its owner alone (0600)"},
    {.name = "pkcs11",
     .kind = Kind::kText,
     .about = "A key in a token instead, by its URI (RFC 7512): "
              "`pkcs11:token=LABEL;object=LABEL?module-path=FILE&pin-source=FILE`",
     .pattern = "pkcs11:[!-~]{1,1000}",
     .form = "a PKCS#11 URI, `pkcs11:…`"},
};

constexpr Setting kSource[] = {
    {.name = "folder",
     .kind = Kind::kPath,
     .about = "The folder, laid out as `initial` is; it may lie in a git work tree",
     .is_required = true},
    {.name = "service",
     .kind = Kind::kText,
     .about = "The service of the directory that proposes them, by its id there; it has the role "
              "PolicyAuthor, and a person answers for it",
     .is_required = true,
     .pattern = "[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}",
     .form = "the id of a service, a UUID of version 7"},
    {.name = "interval_seconds",
     .kind = Kind::kNumber,
     .about = "So many seconds between two looks at it; a change is taken up when it has been the "
              "same at two of them",
     .fallback = "10",
     .least = 1,
     .most = 3600},
};

constexpr Setting kInner[] = {
    {.name = "environment",
     .kind = Kind::kText,
     .about = "Which environment's policies this server enforces",
     .fallback = "production",
     .pattern = kNamePattern,
     .form = kNameForm},
    {.name = "key",
     .kind = Kind::kSection,
     .about = "What signs what comes into force",
     .is_required = true,
     .settings = kKey},
    {.name = "initial",
     .kind = Kind::kPath,
     .about = "A folder with policies, schema, tests and invariants, which is put in force where "
              "nothing is yet; it is not looked at again",
     .is_required = true},
    {.name = "source",
     .kind = Kind::kSection,
     .about = "A folder whose changes become drafts by themselves (docs/changing-policies.md)",
     .settings = kSource},
    {.name = "trusted_keys",
     .kind = Kind::kPath,
     .about = "A file of public keys in PEM whose signatures count beside that key's: those that "
              "it took the place of"},
    {.name = "revoked_keys",
     .kind = Kind::kPath,
     .about = "A file of public keys in PEM whose signatures count no more"},
    {.name = "last_bundle",
     .kind = Kind::kPath,
     .about = "A file, for this node alone, where the bundle is kept that was decided by last; "
              "without it beside an SQLite database, and none with PostgreSQL"},
    {.name = "lifetime_days",
     .kind = Kind::kNumber,
     .about = "So many days what came into force may be used, before the server signs it anew",
     .fallback = "365",
     .least = 1,
     .most = 3660},
    {.name = "approve_within_hours",
     .kind = Kind::kNumber,
     .about = "So many hours after an emergency change it must have been approved",
     .fallback = "24",
     .least = 1,
     .most = 720},
    {.name = "node_grace_seconds",
     .kind = Kind::kNumber,
     .about = "So many seconds after an activation a node may still run what was in force before; "
              "then it drifts, which is an event",
     .fallback = "120",
     .least = 5,
     .most = 86'400},
    {.name = "node_silence_minutes",
     .kind = Kind::kNumber,
     .about = "After so many minutes in which a node did not say what it runs, that is an event",
     .fallback = "10",
     .least = 1,
     .most = 10'080},
};

}  // namespace

constinit const Setting kManaged[kManagedSettings] = {
    {.name = "managed",
     .kind = Kind::kSection,
     .about = "Policies that are kept in the directory's database, where a change is a draft that "
              "somebody else approves (docs/changing-policies.md)",
     .is_required = true,
     .settings = kInner},
};

}  // namespace wardlock::config
