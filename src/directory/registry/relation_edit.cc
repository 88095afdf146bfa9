#include <fmt/format.h>

#include <algorithm>

#include "directory/model/moment.h"
#include "directory/registry/control_plane.h"
#include "directory/registry/credential_rows.h"
#include "directory/registry/edit.h"
#include "directory/registry/separation.h"
#include "directory/registry/tables.h"
#include "directory/registry/thing_rows.h"
#include "directory/registry/told_event.h"

namespace wardlock::directory {
namespace {

event::Kind event_kind_of(Relation relation) {
  switch (relation) {
    case Relation::kRoleAssignment:
    case Relation::kRoleInheritance:
    case Relation::kMembership: return event::Kind::kRoleChange;
    default: return event::Kind::kUserChange;
  }
}

bool do_overlap(const KeptRelation& a, const KeptRelation& b) {
  return (!a.until_ms || b.from_ms < *a.until_ms) && (!b.until_ms || a.from_ms < *b.until_ms);
}

}  // namespace

Result<std::vector<KeptRelation>> Edit::relations(RelationFilter filter) {
  filter.not_ended_by = journal_.now();
  return find_relations(work_, mandate_.tenant, filter);
}

Result<KeptRelation> Edit::find_relation(std::string_view id) {
  return require_relation(work_, mandate_.tenant, id);
}

Result<KeptRelation> Edit::make(const NewRelation& wanted) {
  const std::int64_t now = journal_.now();
  auto attributes = check_relation(wanted.relation, wanted.attributes, this_year());
  if (!attributes) return std::unexpected(to_error(attributes.error()));
  KeptRelation relation{.id = journal_.next_id(),
                        .relation = wanted.relation,
                        .subject = wanted.subject,
                        .object = wanted.object,
                        .scope = wanted.scope,
                        .from_ms = wanted.from_ms.value_or(now),
                        .until_ms = wanted.until_ms,
                        .made_by_type = mandate_.actor_type,
                        .made_by_id = mandate_.actor_id,
                        .reason = mandate_.reason,
                        .attributes = std::move(*attributes)};
  if (relation.from_ms < 0 || relation.from_ms >= kEndOfTime ||
      relation.until_ms.value_or(0) >= kEndOfTime) {
    return invalid("a relation begins and ends in the years from 1970 to 9999");
  }
  if (relation.until_ms && *relation.until_ms <= std::max(relation.from_ms, now)) {
    return invalid("a relation must end after it begins, and not in the past");
  }
  TRY_VOID(check_ends(wanted));
  TRY_VOID(check_not_reserved(wanted));
  TRY_VOID(check_two(wanted));
  TRY_VOID(make_room_for(relation));
  TRY_VOID(insert_relation(work_, mandate_.tenant, relation));
  TRY_VOID(check_separation(work_, mandate_.tenant, relation, now));
  TRY_VOID(revoke_of_promoted(relation));
  TRY_VOID(touch_who_shows(relation));
  TRY_VOID(tell(What::kRelated, relation, "", to_feed_text(relation)));
  return relation;
}

/// Whoever gives somebody a credential could act with the roles of administration that they get
/// later: with such a role all credentials end that who gives the role has not issued. (What their
/// holder has issued or rotated may come from a credential that somebody else gave them.)
Result<void> Edit::revoke_of_promoted(const KeptRelation& relation) {
  const bool leads_on =
      relation.relation == Relation::kMembership || relation.relation == Relation::kRoleAssignment;
  if (!leads_on) return {};
  const std::string& tenant = mandate_.tenant;
  const Thing object = TRY(read(relation.object, std::nullopt));
  const bool is_promotion = object.kind == Kind::kRole ? !control_plane_role_of(object).empty()
                                                       : TRY(administers(object.id));
  if (!is_promotion) return {};
  const auto members = TRY(find_members(work_, tenant, relation.subject, journal_.now()));
  for (const std::string& id : members) {
    for (Credential& each : TRY(find_credentials(work_, tenant, id))) {
      if (each.revoked_ms || each.issued_by_id == mandate_.actor_id) continue;
      TRY_VOID(end(std::move(each)));
    }
  }
  if (!promoted_) return {};
  return promoted_(*this, {members.begin(), members.end()});
}

Result<void> Edit::check_ends(const NewRelation& wanted) {
  const RelationSchema& schema = schema_of(wanted.relation);
  TRY_VOID(check_end(wanted, wanted.subject, schema.subjects, "subject"));
  TRY_VOID(check_end(wanted, wanted.object, schema.objects, "object"));
  if (wanted.scope) TRY_VOID(check_end(wanted, *wanted.scope, schema.scopes, "scope"));
  return {};
}

/// Roles of Wardlock's own administration are given to people one by one or by group, and nowhere
/// come with another role.
Result<void> Edit::check_not_reserved(const NewRelation& wanted) {
  if (wanted.relation != Relation::kRoleAssignment &&
      wanted.relation != Relation::kRoleInheritance) {
    return {};
  }
  const Thing role = TRY(read(wanted.object, std::nullopt));
  const bool is_inheritance = wanted.relation == Relation::kRoleInheritance;
  if (is_inheritance) {
    const Thing heir = TRY(read(wanted.subject, std::nullopt));
    TRY_VOID(check_not_reserved(heir, "given with another role"));
  }
  if (!is_inheritance && !wanted.scope) return {};
  return check_not_reserved(role,
                            is_inheritance ? "given with another role" : "given in one place only");
}

/// Who or what is only ever related to another so, and accounts to the main one of a person.
Result<void> Edit::check_two(const NewRelation& wanted) {
  const bool is_of_accounts = wanted.relation == Relation::kAccountOf;
  if (!is_of_accounts && wanted.relation != Relation::kExclusion) return {};
  if (wanted.subject == wanted.object) {
    return invalid(fmt::format("`{}` is said of two, not of one", to_string(wanted.relation)));
  }
  if (!is_of_accounts) return {};
  const auto of_subject =
      TRY(relations({.relation = Relation::kAccountOf, .object = wanted.subject}));
  const auto of_object =
      TRY(relations({.relation = Relation::kAccountOf, .subject = wanted.object}));
  if (of_subject.empty() && of_object.empty()) return {};
  const Thing which = TRY(read(of_subject.empty() ? wanted.object : wanted.subject, std::nullopt));
  return fail(
      ErrorCode::kFailedPrecondition,
      fmt::format("the {} {}; all accounts of a person are of the main one", called(which),
                  of_subject.empty() ? "is another account itself" : "is somebody's main account"));
}

Result<void> Edit::check_end(const NewRelation& wanted, std::string_view id, Kinds kinds,
                             std::string_view which) {
  if (kinds.is_empty()) {
    return invalid(fmt::format("`{}` has no {}", to_string(wanted.relation), which));
  }
  const Thing thing = TRY(read(id, std::nullopt));
  const Schema& schema = schema_of(thing.kind);
  if (!kinds.contains(thing.kind)) {
    return invalid(
        fmt::format("{} are no {} of `{}`", schema.plural, which, to_string(wanted.relation)));
  }
  const State* state = find_state(schema, thing.state);
  if (state != nullptr && !state->ends_relations) return {};
  return fail(
      ErrorCode::kFailedPrecondition,
      fmt::format("the {} is `{}`: nothing new is related to it", called(thing), thing.state));
}

/// Nothing stands twice, none in a circle, and of some only one at a time.
Result<void> Edit::make_room_for(const KeptRelation& relation) {
  const RelationSchema& schema = schema_of(relation.relation);
  RelationFilter rivals{.relation = relation.relation, .subject = relation.subject};
  // Of one thing there may be thousands: what a large device is made of.
  if (!schema.is_exclusive) rivals.object = relation.object;
  const auto others = TRY(relations(rivals));
  for (const KeptRelation& other : others) {
    if (!do_overlap(relation, other)) continue;
    if (other.object == relation.object && other.scope == relation.scope) {
      const Thing subject = TRY(read(other.subject, std::nullopt));
      const Thing object = TRY(read(other.object, std::nullopt));
      return fail(ErrorCode::kAlreadyExists,
                  fmt::format("the same `{}` is there already: of the {} to the {}", schema.name,
                              called(subject), called(object)));
    }
    if (schema.is_exclusive) {
      TRY_VOID(end(other, std::max(relation.from_ms, journal_.now())));
    }
  }
  if (!schema.is_acyclic) return {};
  const bool is_circle = TRY(leads_to(work_, mandate_.tenant, relation.relation, relation.object,
                                      relation.subject, journal_.now()));
  if (!is_circle) return {};
  const Thing subject = TRY(read(relation.subject, std::nullopt));
  const Thing object = TRY(read(relation.object, std::nullopt));
  return invalid(fmt::format("this `{}` would make a circle: the {} leads back to the {}",
                             schema.name, called(object), called(subject)));
}

Result<void> Edit::end_by_id(std::string_view id) {
  const KeptRelation relation = TRY(find_relation(id));
  if (relation.is_over_at(journal_.now())) return {};
  return end(relation, journal_.now());
}

Result<void> Edit::end(const KeptRelation& relation, std::int64_t until_ms) {
  KeptRelation ended = relation;
  ended.until_ms = until_ms;
  ended.is_ended = until_ms <= journal_.now();
  TRY_VOID(set_end(work_, ended.id, until_ms, ended.is_ended));
  TRY_VOID(touch_who_shows(relation));
  return tell(What::kEnded, ended, to_feed_text(relation), to_feed_text(ended));
}

Result<void> Edit::touch_who_shows(const KeptRelation& relation) {
  const RelationSchema& schema = schema_of(relation.relation);
  if (schema.at_object.empty() && schema.at_subject.empty()) return {};
  const std::string& id = schema.at_object.empty() ? relation.subject : relation.object;
  if (!renewed_.insert(id).second) return {};
  return renew_version(work_, id, journal_.now());
}

Result<void> Edit::end_relations_of(std::string_view id) {
  for (const RelationFilter& side :
       {RelationFilter{.subject = id}, RelationFilter{.object = id}, RelationFilter{.scope = id}}) {
    const std::vector<KeptRelation> open = TRY(relations(side));
    for (const KeptRelation& relation : open) TRY_VOID(end(relation, journal_.now()));
  }
  TRY_VOID(revoke_all_of(id));
  return {};
}

Result<Thing> Edit::merge(std::string_view from, std::string_view into) {
  Thing merged = TRY(read(from, std::nullopt));
  const Thing target = TRY(read(into, std::nullopt));
  if (merged.kind != Kind::kPatient || target.kind != Kind::kPatient || from == into) {
    return invalid("a patient is merged into another patient");
  }
  const Schema& schema = schema_of(Kind::kPatient);
  const State* current = find_state(schema, merged.state);
  const State* other = find_state(schema, target.state);
  if (current == nullptr || !current->next.contains(kMerged)) {
    return fail(ErrorCode::kFailedPrecondition,
                fmt::format("a patient who is `{}` is merged into nobody", merged.state));
  }
  if (other == nullptr || other->ends_relations) {
    return fail(ErrorCode::kFailedPrecondition,
                fmt::format("nobody is merged into a patient who is `{}`", target.state));
  }
  for (const RelationFilter& side :
       {RelationFilter{.subject = from}, RelationFilter{.object = from}}) {
    const std::vector<KeptRelation> open = TRY(relations(side));
    for (const KeptRelation& relation : open) TRY_VOID(take_over(relation, from, into));
  }
  return enter_merged(std::move(merged), into);
}

Result<Thing> Edit::enter_merged(Thing patient, std::string_view into) {
  const std::string before = patient.state;
  boost::json::object document = patient.document.json();
  document[kMergedInto] = into;
  auto checked = Document::check(Kind::kPatient, document, this_year());
  if (!checked) return std::unexpected(to_error(checked.error()));
  patient.document = std::move(*checked);
  patient.state = kMerged;
  ++patient.version;
  patient.changed_ms = journal_.now();
  TRY_VOID(replace_thing(work_, mandate_.tenant, patient));
  TRY_VOID(tell(What::kChanged, patient, "merge", "mergedInto,state",
                fmt::format(R"({{"state":"{}"}})", before),
                fmt::format(R"({{"mergedInto":"{}","state":"{}"}})", into, kMerged)));
  TRY_VOID(end_relations_of(patient.id));
  return patient;
}

/// One relation goes over to the other patient, unless that one has it, or has another where there
/// is to be but one.
Result<void> Edit::take_over(const KeptRelation& relation, std::string_view from,
                             std::string_view into) {
  KeptRelation taken = relation;
  taken.id = journal_.next_id();
  if (taken.subject == from) taken.subject = into;
  if (taken.object == from) taken.object = into;
  TRY_VOID(end(relation, journal_.now()));
  taken.from_ms = std::max(relation.from_ms, journal_.now());
  const auto others = TRY(relations({.relation = taken.relation, .subject = taken.subject}));
  const bool is_exclusive = schema_of(taken.relation).is_exclusive;
  const bool has_it = std::ranges::any_of(others, [&](const KeptRelation& other) {
    return do_overlap(taken, other) &&
           (is_exclusive || (other.object == taken.object && other.scope == taken.scope));
  });
  if (has_it) return {};
  TRY_VOID(insert_relation(work_, mandate_.tenant, taken));
  TRY_VOID(touch_who_shows(taken));
  return tell(What::kRelated, taken, "", to_feed_text(taken));
}

Result<void> Edit::tell(What what, const KeptRelation& relation, std::string_view before,
                        std::string_view after) {
  event::Event event{.kind = event_kind_of(relation.relation),
                     .action = what == What::kRelated ? "relate" : "end"};
  for (const std::string_view id :
       {std::string_view(relation.object), std::string_view(relation.subject)}) {
    const storage::Rows rows = TRY(work_.query("SELECT kind FROM thing WHERE id = $1", id));
    const auto kind = rows.empty() ? std::nullopt : find_kind(rows.front().text(0));
    if (!kind) return fail(ErrorCode::kDataLoss, "a relation of the directory leads nowhere");
    name_in(event, *kind, id);
  }
  event.changed = to_string(relation.relation);
  event.value_before = before;
  event.value_after = after;
  return journal_.add({what, to_string(relation.relation), relation.id, after}, event);
}

}  // namespace wardlock::directory
