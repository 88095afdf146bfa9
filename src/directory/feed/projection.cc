#include "directory/feed/projection.h"

#include <fmt/format.h>

#include <algorithm>

#include "cedar/entities/conformance.h"
#include "directory/feed/attribute_reader.h"
#include "directory/feed/told_reader.h"
#include "pdp/stale.h"

namespace wardlock::directory {
namespace {

/// What nobody answers for any more stands still.
bool is_without_owner(const Facts& facts, std::int64_t now) {
  if (!schema_of(facts.thing.kind).needs_owner) return false;
  return std::ranges::none_of(facts.ties, [&](const Tie& tie) {
    return tie.relation == Relation::kOwner && tie.is_subject && tie.is_valid_at(now);
  });
}

/// For who looks for a missing attribute under the name that the directory has for it: where
/// policies know that one by another.
std::string other_name(const Thing& thing, const cedar::EntityType& type,
                       std::span<const cedar::Field> fields) {
  for (const cedar::Attribute& wanted : type.shape->attributes) {
    const bool is_there = std::ranges::any_of(
        fields, [&](const cedar::Field& field) { return field.name == wanted.name; });
    if (!wanted.is_required || is_there) continue;
    const Schema& schema = schema_of(thing.kind);
    const Attribute* const kept = find_attribute(schema.attributes, wanted.name);
    if (kept == nullptr || kept->cedar.empty() || kept->cedar == wanted.name) return "";
    return fmt::format("; `{}` of {} is `{}` in policies", wanted.name, schema.plural, kept->cedar);
  }
  return "";
}

}  // namespace

Projection::Projection(std::shared_ptr<const cedar::Schema> schema, KnownBy known_by,
                       std::set<std::string, std::less<>> file_types)
    : schema_(std::move(schema)),
      known_by_(std::move(known_by)),
      file_types_(std::move(file_types)),
      sourced_(pdp::SourcedAttributes::read(*schema_).value_or(pdp::SourcedAttributes())) {}

Projected Projection::project(const Facts& facts, const KnownThings& known, const Models& models,
                              std::int64_t now, std::int64_t latest, Arena& arena) const {
  if (is_without_owner(facts, now)) return {.why = "nobody answers for it: give it an owner"};
  const cedar::EntityUid* uid = known.find(facts.key)->uid;
  const cedar::EntityType& type = *schema_->find_entity_type(uid->type);
  const AttributeReader reader(facts, known, models, now, arena);
  const auto sourced = sourced_.of(type.name);
  const ToldFields told = sourced.empty()
                              ? ToldFields()
                              : read_told_fields(facts, sourced, known, *schema_, latest, arena);
  std::vector<cedar::Field> fields;
  for (const cedar::Attribute& wanted : type.shape->attributes) {
    if (sourced_.find(type.name, wanted.name) != nullptr) {
      const auto now_told = std::ranges::find(told.current, wanted.name, &cedar::Field::name);
      if (now_told != told.current.end()) fields.push_back(*now_told);
      continue;
    }
    const auto value = reader.read(wanted);
    if (!value) return {.why = value.error().message};
    if (*value) fields.push_back({wanted.name, **value});
  }
  const std::vector<cedar::Field> tags = reader.tags(type);
  const cedar::EntityDraft draft{.uid = uid,
                                 .attributes = arena.copy(fields),  // sorted, as the schema's are
                                 .tags = arena.copy(tags),
                                 .parents = arena.copy(reader.parents(type))};
  if (const auto fits = cedar::check_entity(draft, *schema_); !fits) {
    return {.why = fits.error().message + other_name(facts.thing, type, fields)};
  }
  Projected projected{.entity = draft, .is_untold = !told.stale.empty() || told.has_forgotten};
  if (!told.stale.empty()) {
    projected.stale = cedar::EntityDraft{.uid = pdp::stale_uid_of(*uid, arena),
                                         .attributes = arena.copy(told.stale)};
  }
  return projected;
}

}  // namespace wardlock::directory
