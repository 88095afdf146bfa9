#include "directory/feed/projection.h"

#include <fmt/format.h>

#include <algorithm>

#include "cedar/entities/conformance.h"
#include "directory/feed/attribute_reader.h"

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

Projected Projection::project(const Facts& facts, const KnownThings& known, const Models& models,
                              std::int64_t now, Arena& arena) const {
  if (is_without_owner(facts, now)) return {.why = "nobody answers for it: give it an owner"};
  const cedar::EntityUid* uid = known.find(facts.key)->uid;
  const cedar::EntityType& type = *schema_->find_entity_type(uid->type);
  const AttributeReader reader(facts, known, models, now, arena);
  std::vector<cedar::Field> fields;
  for (const cedar::Attribute& wanted : type.shape->attributes) {
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
  return {.entity = draft};
}

}  // namespace wardlock::directory
