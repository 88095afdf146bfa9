#include <fmt/format.h>

#include <algorithm>

#include "directory/inventory/entry_import.h"
#include "directory/model/moment.h"

namespace wardlock::directory {
namespace {

using codec::Json;

Json time_or_null(const std::optional<std::int64_t>& time) {
  return time ? Json(to_time_text(*time)) : Json();
}

template <typename T>
std::optional<Error> error_of(const Result<T>& result) {
  if (result) return std::nullopt;
  return result.error();
}

}  // namespace

/// All keys that name nothing are in one error.
Result<EntryImport::Ends> EntryImport::ends_of(const RelationEntry& entry) {
  auto subject = finder_.thing_of(entry.subject);
  auto object = finder_.thing_of(entry.object);
  Result<std::optional<std::string>> scope;
  if (entry.scope) scope = finder_.id_of(*entry.scope);
  Faults faults;
  const auto look_at = [&](std::string_view path, const auto& found) {
    if (!found) faults.push_back({std::string(path), "says: " + found.error().message});
  };
  look_at("subject", subject);
  look_at("object", object);
  look_at("scope", scope);
  for (const std::optional<Error>& error : {error_of(subject), error_of(object), error_of(scope)}) {
    if (error && !is_of_entry(*error)) return std::unexpected(*error);
  }
  if (!faults.empty()) return std::unexpected(to_error(faults));
  return Ends{std::move(*subject), std::move(*object), std::move(*scope)};
}

Result<Outcome> EntryImport::take(const RelationEntry& entry) {
  const auto [subject, object, scope] = TRY(ends_of(entry));
  NewRelation wanted{.relation = entry.relation,
                     .subject = subject.id,
                     .object = object.id,
                     .scope = scope,
                     .from_ms = entry.from_ms,
                     .until_ms = entry.until_ms,
                     .attributes = entry.attributes.value_or(boost::json::object())};
  const auto kept = TRY(find_kept(wanted));
  const bool has_ended = entry.until_ms && *entry.until_ms <= edit_.now();
  if (has_ended) return kept ? end(*kept, subject, object) : Outcome{};
  if (!kept) return relate(wanted, subject, object);
  if (!entry.attributes) wanted.attributes = TRY(codec::parse_json(kept->attributes));
  if (!entry.until_ms) wanted.until_ms = kept->until_ms;
  return renew(*kept, std::move(wanted), subject, object);
}

/// The one that is meant, of those that have not ended: the one that began then, or the one in
/// force, or any.
Result<std::optional<KeptRelation>> EntryImport::find_kept(const NewRelation& wanted) {
  auto all = TRY(edit_.relations(
      {.relation = wanted.relation, .subject = wanted.subject, .object = wanted.object}));
  std::erase_if(all, [&](const KeptRelation& one) { return one.scope != wanted.scope; });
  if (all.empty()) return std::nullopt;
  auto found = std::ranges::find_if(
      all, [&](const KeptRelation& one) { return wanted.from_ms == one.from_ms; });
  if (found == all.end()) {
    found = std::ranges::find_if(
        all, [&](const KeptRelation& one) { return one.is_valid_at(edit_.now()); });
  }
  return found == all.end() ? all.front() : *found;
}

Result<Outcome> EntryImport::relate(const NewRelation& wanted, const Thing& subject,
                                    const Thing& object) {
  std::vector<KeptRelation> others;
  if (schema_of(wanted.relation).is_exclusive) {
    others = TRY(edit_.relations({.relation = wanted.relation, .subject = wanted.subject}));
  }
  TRY_VOID(gate_.check(Act::kRelate, wanted.relation, subject, object));
  const KeptRelation made = TRY(edit_.relate(wanted));
  Outcome outcome{.effect = Effect::kCreated, .id = made.id};
  for (const KeptRelation& other : others) {
    outcome.effect = Effect::kChanged;
    outcome.differences.push_back({"object", Json(other.object), Json(made.object)});
  }
  return outcome;
}

Result<Outcome> EntryImport::end(const KeptRelation& kept, const Thing& subject,
                                 const Thing& object) {
  TRY_VOID(gate_.check(Act::kEndRelation, kept.relation, subject, object));
  TRY_VOID(edit_.end(kept.id));
  Outcome outcome{.effect = Effect::kEnded, .id = kept.id};
  outcome.differences.push_back(
      {"until", time_or_null(kept.until_ms), Json(to_time_text(edit_.now()))});
  return outcome;
}

/// One whose end or attributes are others is ended, and made anew.
Result<Outcome> EntryImport::renew(const KeptRelation& kept, NewRelation wanted,
                                   const Thing& subject, const Thing& object) {
  const auto attributes = check_relation(wanted.relation, wanted.attributes, edit_.this_year());
  if (!attributes) return std::unexpected(to_error(attributes.error()));
  Outcome outcome{.effect = Effect::kSame, .id = kept.id};
  if (wanted.until_ms != kept.until_ms) {
    outcome.differences.push_back(
        {"until", time_or_null(kept.until_ms), time_or_null(wanted.until_ms)});
  }
  if (*attributes != kept.attributes) {
    outcome.differences.push_back(
        {"attributes", TRY(codec::parse_json(kept.attributes)), wanted.attributes});
  }
  if (outcome.differences.empty()) return outcome;
  TRY_VOID(gate_.check(Act::kEndRelation, kept.relation, subject, object));
  TRY_VOID(edit_.end(kept.id));
  wanted.from_ms = std::max(kept.from_ms, edit_.now());
  TRY_VOID(gate_.check(Act::kRelate, wanted.relation, subject, object));
  outcome.id = TRY(edit_.relate(wanted)).id;
  outcome.effect = Effect::kChanged;
  return outcome;
}

}  // namespace wardlock::directory
