#include "directory/registry/edit.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "base/utf8.h"
#include "directory/model/indexed_values.h"
#include "directory/registry/control_plane.h"
#include "directory/registry/tables.h"
#include "directory/registry/thing_rows.h"
#include "directory/registry/told_event.h"

namespace wardlock::directory {
namespace {

using boost::json::object;

std::unexpected<Error> not_found(std::string_view id) {
  return fail(ErrorCode::kNotFound, fmt::format("nothing has the id `{}`", id));
}

template <typename T>
Result<T> as_result(Checked<T> checked) {
  if (!checked) return std::unexpected(to_error(checked.error()));
  return std::move(*checked);
}

/// What was sent, with what is not for the sender to say as it was.
codec::Json without_foreign_parts(const codec::Json& sent, Kind kind, const object& before) {
  if (!sent.is_object()) return sent;
  object out = sent.get_object();
  for (const Attribute& attribute : schema_of(kind).attributes) {
    if (!attribute.is_read_only) continue;
    const codec::Json* kept = before.if_contains(attribute.name);
    if (kept == nullptr) {
      out.erase(attribute.name);
    } else {
      out[attribute.name] = *kept;
    }
  }
  return out;
}

std::string picked(const Document& document, std::span<const std::string_view> names) {
  object out;
  for (const std::string_view name : names) {
    const codec::Json* value = document.json().if_contains(name);
    if (value != nullptr) out[name] = *value;
  }
  return codec::to_json_text(out);
}

}  // namespace

std::chrono::year Edit::this_year() const {
  const std::chrono::sys_time<std::chrono::milliseconds> now{
      std::chrono::milliseconds(journal_.now())};
  return std::chrono::year_month_day(std::chrono::floor<std::chrono::days>(now)).year();
}

// What failed in the middle must not stay, though whoever called may go on.
template <typename T>
Result<T> Edit::kept(Result<T> done) {
  if (!done && !failure_) failure_ = done.error();
  return done;
}

Result<Thing> Edit::create(Kind kind, const codec::Json& document, std::string_view state) {
  return kept(enter_new(kind, document, state));
}

Result<Thing> Edit::change(std::string_view id, std::optional<std::uint64_t> version,
                           const codec::Json& document) {
  return kept(replace(id, version, document));
}

Result<Thing> Edit::set_state(std::string_view id, std::optional<std::uint64_t> version,
                              std::string_view state) {
  return kept(go_on(id, version, state));
}

Result<void> Edit::remove(std::string_view id, std::optional<std::uint64_t> version) {
  return kept(take_away(id, version));
}

Result<Thing> Edit::merge_patients(std::string_view from, std::string_view into) {
  return kept(merge(from, into));
}

Result<KeptRelation> Edit::relate(const NewRelation& relation) { return kept(make(relation)); }

Result<void> Edit::end(std::string_view relation) { return kept(end_by_id(relation)); }

Result<Credential> Edit::issue_credential(const NewCredential& credential) {
  return kept(issue(credential));
}

Result<void> Edit::revoke_credential(std::string_view credential) {
  return kept(revoke(credential));
}

Result<Credential> Edit::shorten_credential(std::string_view credential, std::int64_t expires_ms) {
  return kept(shorten(credential, expires_ms));
}

Result<std::size_t> Edit::revoke_credentials_of(std::string_view thing) {
  return kept(revoke_all_of(thing));
}

Result<void> Edit::note_restored() {
  event::Event event{.kind = event::Kind::kConfigurationChange, .action = "restore"};
  event.changed = kWholeEntry;
  return kept(journal_.add({What::kChanged, kWholeEntry, mandate_.tenant, "null"}, event));
}

Result<void> Edit::enter_control_plane_roles() { return kept(enter_roles()); }

Result<Thing> Edit::find(std::string_view id) { return read(id, std::nullopt); }

Result<std::optional<KeptAnswer>> Edit::find_answer(std::string_view key) {
  return directory::find_answer(work_, mandate_, key, journal_.now(), secrets_);
}

Result<void> Edit::keep_answer(const KeptAnswer& answer) {
  return kept(insert_answer(work_, mandate_, answer, journal_.now(), secrets_));
}

Result<void> Edit::tell_beside(const Journal::Entry& entry, const event::Event& event) {
  return kept(journal_.add(entry, event));
}

Result<void> Edit::drop_answers_of(std::string_view id) {
  return kept(drop_answers(work_, mandate_.tenant, id, secrets_));
}

Result<std::optional<Thing>> Edit::find_named(std::string_view type, std::string_view value) {
  return directory::find_named(work_, mandate_.tenant, type, value);
}

Result<std::vector<Thing>> Edit::find_valued(Kind kind, std::string_view path,
                                             std::string_view text, std::size_t most) {
  return directory::find_valued(work_, mandate_.tenant, kind, path, text, most);
}

Result<bool> Edit::administers(std::string_view id) {
  const auto roles =
      TRY(find_control_plane_roles(work_, mandate_.tenant, id, journal_.now(), Reach::kEver));
  return !roles.empty();
}

Result<Thing> Edit::read(std::string_view id, std::optional<std::uint64_t> version) {
  std::optional<Thing> thing = TRY(find_thing(work_, mandate_.tenant, id));
  if (!thing) return not_found(id);
  if (version && *version != thing->version) {
    return fail(ErrorCode::kAborted,
                fmt::format("somebody else changed the {} meanwhile: it has version {}, not {}; "
                            "read it again",
                            called(*thing), thing->version, *version));
  }
  return std::move(*thing);
}

Result<Thing> Edit::enter_new(Kind kind, const codec::Json& sent, std::string_view state) {
  // In its normal form, whatever that leaves out.
  if (kind == Kind::kRole) {
    const auto checked = Document::check(kind, without_foreign_parts(sent, kind, {}), this_year());
    if (checked) TRY_VOID(check_role_name(checked->json().at("displayName").get_string()));
  }
  return enter_checked(kind, sent, state);
}

Result<Thing> Edit::enter_checked(Kind kind, const codec::Json& sent, std::string_view state) {
  const Schema& schema = schema_of(kind);
  if (state.empty()) state = schema.first.all().front();
  if (!schema.first.contains(state)) {
    return invalid(fmt::format("`{}` is no state in which {} are entered; they begin as `{}`",
                               state, schema.plural, schema.first.all().front()));
  }
  const codec::Json allowed = without_foreign_parts(sent, kind, {});
  Document document = TRY(as_result(Document::check(kind, allowed, this_year())));
  Thing thing{.id = journal_.next_id(),
              .kind = kind,
              .state = std::string(state),
              .version = 1,
              .created_ms = journal_.now(),
              .changed_ms = journal_.now(),
              .document = std::move(document)};
  TRY_VOID(check_references(thing.document, nullptr, thing.id));
  TRY_VOID(insert_thing(work_, mandate_.tenant, thing, is_rehearsal_));
  TRY_VOID(tell(What::kCreated, thing, "create", "", "", thing.document.text()));
  return thing;
}

Result<Thing> Edit::replace(std::string_view id, std::optional<std::uint64_t> version,
                            const codec::Json& sent) {
  Thing before = TRY(read(id, version));
  const codec::Json allowed = without_foreign_parts(sent, before.kind, before.document.json());
  Thing after = before;
  after.document = TRY(as_result(Document::check(before.kind, allowed, this_year())));
  const auto changed = changed_attributes(before.document, after.document);
  if (changed.empty()) return before;
  const Faults faults = find_forbidden_changes(before.document, after.document);
  if (!faults.empty()) return std::unexpected(to_error(faults));
  TRY_VOID(check_references(after.document, &before.document, after.id));
  ++after.version;
  after.changed_ms = journal_.now();
  TRY_VOID(replace_thing(work_, mandate_.tenant, after));
  TRY_VOID(tell(What::kChanged, after, "change", fmt::format("{}", fmt::join(changed, ",")),
                picked(before.document, changed), picked(after.document, changed)));
  return after;
}

Result<Thing> Edit::go_on(std::string_view id, std::optional<std::uint64_t> version,
                          std::string_view name) {
  Thing before = TRY(read(id, version));
  const Schema& schema = schema_of(before.kind);
  if (name == before.state) return before;
  const State* current = find_state(schema, before.state);
  const State* next = find_state(schema, name);
  if (next == nullptr) return invalid(fmt::format("`{}` is no state of {}", name, schema.plural));
  if (current == nullptr || !current->next.contains(name)) {
    const bool is_last = current == nullptr || current->next.is_empty();
    return fail(
        ErrorCode::kFailedPrecondition,
        fmt::format("what is `{}` does not become `{}`; it may become {}", before.state, name,
                    is_last ? "nothing else"
                            : fmt::format("`{}`", fmt::join(current->next.all(), "`, `"))));
  }
  TRY_VOID(check_not_reserved(before, "closed"));
  TRY_VOID(check_state(before, *next));
  return enter(before, *next);
}

/// What a state asks for, beyond the one before it.
Result<void> Edit::check_state(const Thing& thing, const State& next) {
  if (next.name == kMerged && !thing.document.json().contains(kMergedInto)) {
    return fail(ErrorCode::kFailedPrecondition,
                "a patient becomes `merged` by being merged into another one");
  }
  if (!next.is_in_force) return {};
  if (TRY(is_answered_for(work_, mandate_.tenant, thing, journal_.now()))) return {};
  return fail(
      ErrorCode::kFailedPrecondition,
      fmt::format("nobody answers for it: give it an owner before it becomes `{}`", next.name));
}

Result<Thing> Edit::enter(const Thing& before, const State& next) {
  Thing after = before;
  after.state = next.name;
  ++after.version;
  after.changed_ms = journal_.now();
  TRY_VOID(replace_state(work_, after));
  TRY_VOID(tell(What::kChanged, after, "set_state", "state", before.state, after.state));
  if (next.ends_relations) TRY_VOID(end_relations_of(after.id));
  return after;
}

Result<void> Edit::take_away(std::string_view id, std::optional<std::uint64_t> version) {
  Thing thing = TRY(read(id, version));
  TRY_VOID(check_not_reserved(thing, "removed"));
  TRY_VOID(check_not_needed(thing));
  TRY_VOID(end_relations_of(thing.id));
  ++thing.version;
  thing.changed_ms = journal_.now();
  TRY_VOID(clear_thing(work_, thing));
  TRY_VOID(drop_answers(work_, mandate_.tenant, thing.id, secrets_));
  return tell(What::kRemoved, thing, "remove", "", thing.document.text(), "");
}

/// A device cannot be without its model.
Result<void> Edit::check_not_needed(const Thing& thing) {
  for (const Schema* schema : all_schemas()) {
    for (const Attribute& attribute : schema->attributes) {
      if (!attribute.is_required || !attribute.targets.contains(thing.kind)) continue;
      const storage::Rows rows =
          TRY(work_.query("SELECT thing FROM attribute WHERE tenant = $1 AND kind = $2 AND name = "
                          "$3 AND value = $4 "
                          "LIMIT 1",
                          mandate_.tenant, schema->name, attribute.name, thing.id));
      if (rows.empty()) continue;
      return fail(
          ErrorCode::kFailedPrecondition,
          fmt::format("some of the {} have it as their `{}`; remove them first, or leave it "
                      "there in another state",
                      schema->plural, attribute.name));
    }
  }
  return {};
}

/// What was referred to before may be gone since: that stands against no other change.
Result<void> Edit::check_references(const Document& document, const Document* before,
                                    std::string_view own_id) {
  std::set<std::string> known;
  if (before != nullptr) {
    for (const Reference& reference : references(*before))
      known.insert(reference.path + reference.id);
  }
  for (const Reference& reference : references(document)) {
    if (known.contains(reference.path + reference.id)) continue;
    const auto target = TRY(find_thing(work_, mandate_.tenant, reference.id));
    if (!target || !reference.attribute->targets.contains(target->kind)) {
      return std::unexpected(to_error(
          {{reference.path,
            fmt::format("is `{}`, which is the id of none that could be meant", reference.id)}}));
    }
    if (!reference.attribute->is_tree) continue;
    TRY_VOID(check_no_circle(*reference.attribute, own_id, reference.id));
  }
  return {};
}

Result<void> Edit::check_no_circle(const Attribute& attribute, std::string_view own_id,
                                   std::string_view target) {
  const storage::Rows rows =
      TRY(work_.query("WITH RECURSIVE above (id) AS (SELECT id FROM thing WHERE id = $3 UNION "
                      "SELECT a.value FROM attribute a JOIN above ON a.thing = above.id "
                      "WHERE a.tenant = $1 AND a.name = $2) SELECT id FROM above WHERE id = $4",
                      mandate_.tenant, attribute.name, target, own_id));
  if (rows.empty()) return {};
  return std::unexpected(to_error(
      {{std::string(attribute.name), "would make a circle: that one is part of this one"}}));
}

Result<void> Edit::tell(What what, const Thing& thing, std::string_view action,
                        std::string_view changed, std::string_view before, std::string_view after) {
  renewed_.insert(thing.id);
  event::Event event{.kind = event::Kind::kUserChange, .action = action};
  name_in(event, thing.kind, thing.id);
  event.changed = changed;
  event.value_before = before;
  event.value_after = after;
  const std::string kept = what == What::kRemoved ? "null" : to_feed_text(thing);
  return journal_.add({what, to_string(thing.kind), thing.id, kept}, event);
}

}  // namespace wardlock::directory
