#include "directory/lifecycle/finding_kind.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <vector>

#include "directory/model/schema.h"

namespace wardlock::directory {
namespace {

constexpr Kinds kHolders = {Kind::kPerson, Kind::kService, Kind::kAgent, Kind::kDevice};
constexpr Kinds kOwned = {Kind::kService, Kind::kAgent};

constexpr auto kFindingKinds = std::to_array<FindingKind>({
    {.name = "contractEnded",
     .why = "The contract has ended, and the person has not left",
     .todo = "Have the person leave, or enter the new end of the contract",
     .moment = "ended",
     .things = {Kind::kPerson},
     .sql = "SELECT t.id AS found, t.id AS thing, t.kind AS of_kind, '' AS other, a.number AS "
            "moment FROM attribute a JOIN thing t ON t.id = a.thing WHERE a.tenant = $1 AND "
            "a.kind = 'person' AND a.name = 'contractUntil' AND a.number <= $2 AND t.state IN "
            "('active', 'invited', 'suspended')"},
    {.name = "employmentEnded",
     .why = "All employments of the person have ended, and the person is active",
     .todo = "Have the person leave, or enter where they work now",
     .moment = "ended",
     .things = {Kind::kPerson},
     .sql = "SELECT t.id AS found, t.id AS thing, t.kind AS of_kind, '' AS other, (SELECT "
            "MAX(r.valid_until_ms) FROM relation r WHERE r.subject = t.id AND r.kind = "
            "'employment') AS moment FROM thing t WHERE t.tenant = $1 AND t.kind = 'person' AND "
            "t.state = 'active' AND EXISTS (SELECT 1 FROM relation r WHERE r.subject = t.id AND "
            "r.kind = 'employment') AND NOT EXISTS (SELECT 1 FROM relation r WHERE r.subject = "
            "t.id AND r.kind = 'employment' AND {open_r})"},
    {.name = "roleOfEnded",
     .why = "The person has the role although the contract or all employments have ended",
     .todo = "End the assignment, or have the person leave",
     .moment = "given",
     .found_in = FoundIn::kRelation,
     .things = {Kind::kPerson},
     .others = {Kind::kRole},
     .sql = "SELECT r.id AS found, t.id AS thing, t.kind AS of_kind, r.object AS other, "
            "r.valid_from_ms AS moment FROM thing t JOIN relation r ON r.subject = t.id AND r.kind "
            "= 'roleAssignment' WHERE t.tenant = $1 AND t.kind = 'person' AND t.state IN ('active',"
            " 'suspended') AND {open_r} AND (EXISTS (SELECT 1 FROM attribute a WHERE a.thing = "
            "t.id AND a.name = 'contractUntil' AND a.number <= $2) OR (EXISTS (SELECT 1 FROM "
            "relation e WHERE e.subject = t.id AND e.kind = 'employment') AND NOT EXISTS (SELECT 1 "
            "FROM relation e WHERE e.subject = t.id AND e.kind = 'employment' AND {open_e})))"},
    {.name = "roleOfOldPlace",
     .why = "The person has the role in a place where they do not work any more",
     .todo = "End the assignment, or say how long it is still needed",
     .moment = "moved",
     .found_in = FoundIn::kRelation,
     .things = {Kind::kPerson},
     .others = {Kind::kRole},
     // `|| ''` keeps SQLite from looking through all that count in the place.
     .sql = "SELECT r.id AS found, t.id AS thing, t.kind AS of_kind, r.object AS other, (SELECT "
            "MAX(e.valid_until_ms) FROM relation e WHERE e.subject = t.id AND e.kind = "
            "'employment' AND e.scope || '' = r.scope) AS moment FROM thing t JOIN relation r ON "
            "r.subject = t.id AND r.kind = 'roleAssignment' WHERE t.tenant = $1 AND t.kind = "
            "'person' AND t.state IN ('active', 'suspended') AND {open_r} AND r.scope || '' <> '' "
            "AND EXISTS (SELECT 1 FROM relation e WHERE e.subject = t.id AND e.kind = 'employment' "
            "AND e.scope || '' = r.scope) AND NOT EXISTS (SELECT 1 FROM relation e WHERE e.subject "
            "= t.id AND e.kind = 'employment' AND e.scope || '' = r.scope AND {open_e})"},
    {.name = "outsiderWithoutEnd",
     .why = "Somebody from outside has the role without an end",
     .todo = "Give the assignment an end, that of the contract at the latest",
     .moment = "given",
     .found_in = FoundIn::kRelation,
     .things = {Kind::kPerson},
     .others = {Kind::kRole},
     .sql = "SELECT r.id AS found, t.id AS thing, t.kind AS of_kind, r.object AS other, "
            "r.valid_from_ms AS moment FROM thing t JOIN relation r ON r.subject = t.id AND r.kind "
            "= 'roleAssignment' WHERE t.tenant = $1 AND t.kind = 'person' AND t.state IN ('active',"
            " 'suspended') AND {open_r} AND r.valid_until_ms IS NULL AND EXISTS (SELECT 1 FROM "
            "relation e WHERE e.subject = t.id AND e.kind = 'employment' AND {open_e} AND "
            "(replace(e.document, '\"employmentType\":\"contractor\"', '') <> e.document OR "
            "replace(e.document, '\"employmentType\":\"manufacturer\"', '') <> e.document OR "
            "replace(e.document, '\"employmentType\":\"researcher\"', '') <> e.document))"},
    {.name = "neverCame",
     .why = "The person was invited and never came",
     .todo = "Ask whether they still come; if not, have them leave",
     .moment = "last changed",
     .things = {Kind::kPerson},
     .period = &ReviewRules::invited_after,
     .setting = "invited_after",
     .sql = "SELECT t.id AS found, t.id AS thing, t.kind AS of_kind, '' AS other, t.changed_ms AS "
            "moment FROM thing t WHERE t.tenant = $1 AND t.kind = 'person' AND t.state = 'invited' "
            "AND t.changed_ms + $3 <= $2"},
    {.name = "dormant",
     .why = "The person has used no credential of this directory for long",
     .todo = "Ask whether they still need the account; if not, suspend them or have them leave",
     .moment = "last used or issued",
     .things = {Kind::kPerson},
     .period = &ReviewRules::dormant_after,
     .setting = "dormant_after",
     .sql = "SELECT t.id AS found, t.id AS thing, t.kind AS of_kind, '' AS other, "
            "MAX(COALESCE(c.last_used_ms, c.issued_ms)) AS moment FROM credential c JOIN thing t "
            "ON t.id = c.thing WHERE c.tenant = $1 AND t.kind = 'person' AND t.state = 'active' "
            "GROUP BY t.id, t.kind HAVING MAX(COALESCE(c.last_used_ms, c.issued_ms)) + $3 <= $2"},
    {.name = "reviewDue",
     .why = "The person's rights were to be reviewed by then",
     .todo = "Review what the person may do, and enter until when that holds "
             "(`rightsReviewedUntil`)",
     .moment = "due",
     .things = {Kind::kPerson},
     .sql = "SELECT t.id AS found, t.id AS thing, t.kind AS of_kind, '' AS other, a.number AS "
            "moment FROM attribute a JOIN thing t ON t.id = a.thing WHERE a.tenant = $1 AND "
            "a.kind = 'person' AND a.name = 'rightsReviewedUntil' AND a.number <= $2 AND t.state "
            "IN ('active', 'suspended')"},
    // Few exclude each other: from those down to whoever has them, by whatever leads there.
    {.name = "rolesTogether",
     .why = "The person has the role together with one that it excludes, counting all their "
            "accounts",
     .todo = "End one of the two assignments, or the exclusion",
     .moment = "excluded since",
     .things = {Kind::kPerson},
     .others = {Kind::kRole},
     .sql = "WITH RECURSIVE pair (one, other, since) AS (SELECT r.subject, r.object, "
            "r.valid_from_ms FROM relation r WHERE r.tenant = $1 AND r.kind = 'excludes' AND "
            "{open_r} UNION SELECT r.object, r.subject, r.valid_from_ms FROM relation r WHERE "
            "r.tenant = $1 AND r.kind = 'excludes' AND {open_r}), has (role, id) AS (SELECT one, "
            "one FROM pair UNION SELECT has.role, r.subject FROM has JOIN relation r ON r.object = "
            "has.id AND r.kind IN ('roleAssignment', 'roleInheritance', 'membership') WHERE "
            "r.tenant = $1 AND {valid_r}), holder (role, id, person) AS (SELECT has.role, t.id, "
            "COALESCE((SELECT e.object FROM relation e WHERE e.subject = t.id AND e.kind = "
            "'accountOf' AND {open_e}), t.id) FROM has JOIN thing t ON t.id = has.id WHERE t.kind "
            "= 'person') SELECT h.id AS found, h.id AS thing, 'person' AS of_kind, MIN(h.role) AS "
            "other, MIN(p.since) AS moment FROM holder h JOIN pair p ON p.one = h.role JOIN holder "
            "o ON o.role = p.other AND o.person = h.person GROUP BY h.id"},
    {.name = "privilegedUnreviewed",
     .why = "Nobody has reviewed for long that it has this privileged role",
     .todo = "End the assignment, or enter until when the person's rights are reviewed "
             "(`rightsReviewedUntil`)",
     .moment = "given",
     .found_in = FoundIn::kRelation,
     .things = {Kind::kPerson, Kind::kService, Kind::kAgent, Kind::kGroup},
     .others = {Kind::kRole},
     .period = &ReviewRules::unreviewed_after,
     .setting = "unreviewed_after",
     .sql = "SELECT r.id AS found, t.id AS thing, t.kind AS of_kind, r.object AS other, "
            "r.valid_from_ms AS moment FROM thing o JOIN relation r ON r.object = o.id AND r.kind "
            "= 'roleAssignment' JOIN thing t ON t.id = r.subject WHERE o.tenant = $1 AND o.kind = "
            "'role' AND {open_r} AND r.valid_from_ms + $3 <= $2 AND EXISTS (SELECT 1 FROM "
            "attribute a WHERE a.thing = o.id AND ((a.name = 'isPrivileged' AND a.number = 1) OR "
            "(a.name = 'displayName' AND a.value >= 'wardlock::' AND a.value < 'wardlock:;'))) AND "
            "NOT EXISTS (SELECT 1 FROM attribute v WHERE v.thing = t.id AND v.name = "
            "'rightsReviewedUntil' AND v.number > $2)"},
    {.name = "ownerMissing",
     .why = "Nobody answers for it, so policies do not see it and its credentials rest",
     .todo = "Give it an owner, or retire it",
     .moment = "last had one",
     .things = kOwned,
     .sql = "SELECT t.id AS found, t.id AS thing, t.kind AS of_kind, '' AS other, COALESCE((SELECT "
            "MAX(r.valid_until_ms) FROM relation r WHERE r.subject = t.id AND r.kind = 'owner'), "
            "t.created_ms) AS moment FROM thing t WHERE t.tenant = $1 AND t.kind IN ('service', "
            "'agent') AND t.state IN ('active', 'suspended') AND NOT EXISTS (SELECT 1 FROM "
            "relation r WHERE r.subject = t.id AND r.kind = 'owner' AND {valid_r})"},
    {.name = "ownerInactive",
     .why = "Nobody who answers for it is active; it goes on, so that care does not stop",
     .todo = "Give it an owner who is active, or retire it",
     .moment = "since",
     .things = kOwned,
     .sql = "SELECT t.id AS found, t.id AS thing, t.kind AS of_kind, '' AS other, (SELECT "
            "MAX(p.changed_ms) FROM relation r JOIN thing p ON p.id = r.object WHERE r.subject = "
            "t.id AND r.kind = 'owner' AND {valid_r}) AS moment FROM thing t WHERE t.tenant = $1 "
            "AND t.kind IN ('service', 'agent') AND t.state IN ('active', 'suspended') AND EXISTS "
            "(SELECT 1 FROM relation r WHERE r.subject = t.id AND r.kind = 'owner' AND {valid_r}) "
            "AND NOT EXISTS (SELECT 1 FROM relation r JOIN thing p ON p.id = r.object WHERE "
            "r.subject = t.id AND r.kind = 'owner' AND {valid_r} AND p.state = 'active')"},
    {.name = "ownerLeaves",
     .why = "All who answer for it will be gone soon, and it stops with the last of them",
     .todo = "Give it another owner in time",
     .moment = "ends",
     .things = kOwned,
     .period = &ReviewRules::notice,
     .setting = "notice",
     .sql = "SELECT t.id AS found, t.id AS thing, t.kind AS of_kind, '' AS other, MAX(CASE WHEN "
            "a.number IS NULL OR r.valid_until_ms < a.number THEN r.valid_until_ms ELSE a.number "
            "END) AS moment FROM thing t JOIN relation r ON r.subject = t.id AND r.kind = 'owner' "
            "AND {valid_r} JOIN thing p ON p.id = r.object AND p.state = 'active' LEFT JOIN "
            "attribute a ON a.thing = p.id AND a.name = 'contractUntil' WHERE t.tenant = $1 AND "
            "t.kind IN ('service', 'agent') AND t.state = 'active' GROUP BY t.id, t.kind HAVING "
            "MIN(CASE WHEN a.number - $3 <= $2 OR r.valid_until_ms - $3 <= $2 THEN 1 ELSE 0 END) "
            "= 1"},
    {.name = "credentialUnused",
     .why = "Nobody has used the credential for long",
     .todo = "Revoke it, or find out why it is not used",
     .moment = "last used or issued",
     .found_in = FoundIn::kCredential,
     .things = kHolders,
     .period = &ReviewRules::unused_after,
     .setting = "unused_after",
     .sql = "SELECT c.id AS found, t.id AS thing, t.kind AS of_kind, '' AS other, "
            "COALESCE(c.last_used_ms, c.issued_ms) AS moment FROM credential c JOIN thing t ON "
            "t.id = c.thing WHERE c.tenant = $1 AND {good_c} AND COALESCE(c.last_used_ms, "
            "c.issued_ms) + $3 <= $2"},
    {.name = "credentialOld",
     .why = "The credential has been in use for long",
     .todo = "Rotate it",
     .moment = "issued",
     .found_in = FoundIn::kCredential,
     .things = kHolders,
     .period = &ReviewRules::old_after,
     .setting = "old_after",
     .sql = "SELECT c.id AS found, t.id AS thing, t.kind AS of_kind, '' AS other, c.issued_ms AS "
            "moment FROM credential c JOIN thing t ON t.id = c.thing WHERE c.tenant = $1 AND "
            "{good_c} AND c.issued_ms + $3 <= $2"},
    {.name = "credentialExpires",
     .why = "The last credential that it has expires soon",
     .todo = "Rotate it in time",
     .moment = "expires",
     .found_in = FoundIn::kCredential,
     .things = {Kind::kService, Kind::kAgent, Kind::kDevice},
     .period = &ReviewRules::notice,
     .setting = "notice",
     .sql = "SELECT c.id AS found, t.id AS thing, t.kind AS of_kind, '' AS other, c.expires_ms AS "
            "moment FROM credential c JOIN thing t ON t.id = c.thing WHERE c.tenant = $1 AND "
            "{good_c} AND c.expires_ms - $3 <= $2 AND t.kind <> 'person' AND NOT EXISTS (SELECT 1 "
            "FROM credential d WHERE d.thing = c.thing AND d.revoked_ms IS NULL AND (d.expires_ms "
            "> c.expires_ms OR (d.expires_ms = c.expires_ms AND d.id > c.id)))"},
    {.name = "rotationDue",
     .why = "Its credential is to be replaced by then, and the one from before is still good",
     .todo = "Rotate it, and enter when it is to be replaced next (`rotateBefore`)",
     .moment = "due",
     .things = {Kind::kService, Kind::kAgent, Kind::kDevice},
     .period = &ReviewRules::notice,
     .setting = "notice",
     .sql = "SELECT t.id AS found, t.id AS thing, t.kind AS of_kind, '' AS other, a.number AS "
            "moment FROM attribute a JOIN thing t ON t.id = a.thing WHERE a.tenant = $1 AND "
            "a.kind IN ('service', 'agent', 'device') AND a.name = 'rotateBefore' AND a.number - "
            "$3 <= $2 AND EXISTS (SELECT 1 FROM credential c WHERE c.thing = t.id AND {good_c} AND "
            "c.expires_ms > a.number)"},
    {.name = "quarantined",
     .why = "The device has been kept apart for long",
     .todo = "Put it back in service, or retire it",
     .moment = "last changed",
     .things = {Kind::kDevice},
     .period = &ReviewRules::quarantined_after,
     .setting = "quarantined_after",
     .sql = "SELECT t.id AS found, t.id AS thing, t.kind AS of_kind, '' AS other, t.changed_ms AS "
            "moment FROM thing t WHERE t.tenant = $1 AND t.kind = 'device' AND t.state = "
            "'quarantined' AND t.changed_ms + $3 <= $2"},
    {.name = "relationOfGone",
     .why = "Something stands to others although it has left or is retired",
     .todo = "End the relation; tell us, for this must not be",
     .moment = "since",
     .found_in = FoundIn::kRelation,
     .things = {Kind::kPerson, Kind::kDevice, Kind::kService, Kind::kAgent},
     .sql = "SELECT r.id AS found, t.id AS thing, t.kind AS of_kind, r.object AS other, "
            "t.changed_ms AS moment FROM thing t JOIN relation r ON r.subject = t.id WHERE "
            "t.tenant = $1 AND ((t.kind = 'person' AND t.state = 'left') OR (t.kind IN ('device', "
            "'service', 'agent') AND t.state = 'retired')) AND {open_r}"},
});

}  // namespace

std::span<const FindingKind> all_finding_kinds() { return kFindingKinds; }

const FindingKind* find_finding_kind(std::string_view name) {
  const auto* const found = std::ranges::find(kFindingKinds, name, &FindingKind::name);
  return found == kFindingKinds.end() ? nullptr : found;
}

std::string finding_reference() {
  std::string out =
      "| finding | of | why | what to do | its time | from when on |\n|---|---|---|---|---|---|\n";
  for (const FindingKind& kind : kFindingKinds) {
    std::vector<std::string_view> things;
    for (const Schema* schema : all_schemas()) {
      if (kind.things.contains(schema->kind)) things.push_back(schema->plural);
    }
    out += fmt::format("| `{}` | {} | {}. | {}. | {} | {} |\n", kind.name, fmt::join(things, ", "),
                       kind.why, kind.todo, kind.moment,
                       kind.setting.empty() ? "" : fmt::format("`{}`", kind.setting));
  }
  return out;
}

}  // namespace wardlock::directory
