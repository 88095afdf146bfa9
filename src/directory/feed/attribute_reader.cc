#include "directory/feed/attribute_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "directory/feed/cedar_value.h"
#include "directory/feed/seen_text.h"
#include "directory/model/moment.h"

namespace wardlock::directory {
namespace {

using CedarKind = cedar::Kind;
using cedar::Field;
using cedar::Value;

/// Assignments of roles that count in one place are seen here, and nowhere else.
constexpr std::string_view kScopedRoles = "scopedRoles";

/// Whether a thing that has no such relation has an empty set of them.
bool may_show(Kind kind, std::string_view name) {
  return std::ranges::any_of(all_relations(), [&](const RelationSchema& relation) {
    return (relation.subjects.contains(kind) &&
            (relation.cedar_at_subject.contains(name) || relation.cedar_of_scope.contains(name))) ||
           (relation.objects.contains(kind) && relation.cedar_at_object.contains(name));
  });
}

bool is_for_all(const Tie& tie) { return tie.relation != Relation::kRoleAssignment || !tie.scope; }

}  // namespace

AttributeReader::AttributeReader(const Facts& facts, const KnownThings& known, const Models& models,
                                 std::int64_t now, Arena& arena)
    : facts_(facts),
      known_(known),
      models_(models),
      arena_(arena),
      schema_(schema_of(facts.thing.kind)) {
  for (const Tie& tie : facts.ties) {
    if (tie.is_valid_at(now)) ties_.push_back(&tie);
  }
  std::ranges::stable_sort(ties_, {}, &Tie::from_ms);
}

Result<AttributeReader::Found> AttributeReader::read(const cedar::Attribute& wanted) const {
  const Found own = TRY(from_document(facts_.thing.document, wanted));
  if (own) return own;
  if (wanted.name == schema_.cedar_in_force) {
    const State* state = find_state(schema_, facts_.thing.state);
    return Value::boolean(state != nullptr && state->is_in_force);
  }
  if (const Found related = from_relations(wanted)) return related;
  const Document* model =
      facts_.thing.kind == directory::Kind::kDevice ? model_of(facts_.thing, models_) : nullptr;
  if (model == nullptr) return Found();
  return from_document(*model, wanted);
}

const cedar::EntityUid* AttributeReader::seen(std::string_view id) const {
  const auto key = ThingKey::read(id);
  return key ? known_.seen(*key) : nullptr;
}

Result<AttributeReader::Found> AttributeReader::no_such(std::string_view name,
                                                        const cedar::Type& type) {
  return invalid(fmt::format("its `{}` is not of the type that the policies' schema says: {}", name,
                             to_string(type)));
}

Result<AttributeReader::Found> AttributeReader::from_document(
    const Document& document, const cedar::Attribute& wanted) const {
  const cedar::Type& type = *wanted.type;
  for (const Attribute& attribute : schema_of(document.kind()).attributes) {
    if (attribute.cedar.empty() || attribute.cedar != wanted.name) continue;
    const codec::Json* json = document.json().if_contains(attribute.name);
    if (json == nullptr) break;
    if (attribute.type == directory::Type::kReference)
      return from_reference(attribute, *json, type);
    const Found value = to_value(*json, type, arena_);
    return value ? value : no_such(wanted.name, type);
  }
  const codec::Json* facts = document.json().if_contains("facts");
  if (facts == nullptr) return Found();
  for (const codec::Json& fact : facts->as_array()) {
    if (text_in(fact.as_object(), "name") != wanted.name) continue;
    for (const auto& [part, json] : fact.as_object()) {
      if (part == "name") continue;
      const Found value = to_value(json, type, arena_);
      return value ? value : no_such(wanted.name, type);
    }
  }
  return Found();
}

AttributeReader::Found AttributeReader::from_reference(const Attribute& attribute,
                                                       const codec::Json& value,
                                                       const cedar::Type& type) const {
  std::vector<ThingKey> things;
  const auto add = [&](const codec::Json& id) {
    if (const auto key = ThingKey::read(id.as_string())) things.push_back(*key);
  };
  if (!attribute.is_list) {
    add(value);
  } else {
    for (const codec::Json& id : value.as_array()) add(id);
  }
  if (type.kind == CedarKind::kString &&
      attribute.targets.contains(directory::Kind::kDeviceModel)) {
    const auto model = things.empty() ? models_.end() : models_.find(things.front());
    if (model == models_.end()) return std::nullopt;
    return Value::string(arena_.copy(text_in(model->second->json(), "displayName")));
  }
  return as_value(things, type);
}

AttributeReader::Found AttributeReader::as_value(std::span<const ThingKey> things,
                                                 const cedar::Type& type) const {
  const bool is_set = type.kind == CedarKind::kSet && type.element != nullptr;
  const cedar::Type& wanted = is_set ? *type.element : type;
  if (wanted.kind != CedarKind::kEntity) return std::nullopt;
  std::vector<Value> values;
  for (const ThingKey& thing : things) {
    const cedar::EntityUid* uid = known_.seen(thing);
    if (uid != nullptr && uid->type == wanted.entity_type) values.push_back(Value::entity(uid));
  }
  if (is_set) return cedar::make_set(arena_, values);
  if (values.empty()) return std::nullopt;
  return values.back();
}

AttributeReader::Found AttributeReader::from_relations(const cedar::Attribute& wanted) const {
  if (wanted.name == kScopedRoles) return from_assignments_in_places(*wanted.type);
  if (!may_show(facts_.thing.kind, wanted.name)) return std::nullopt;
  std::vector<ThingKey> others;
  for (const Tie* tie : ties_) {
    const RelationSchema& relation = schema_of(tie->relation);
    const Words& names = tie->is_subject ? relation.cedar_at_subject : relation.cedar_at_object;
    if (names.contains(wanted.name) && is_for_all(*tie) && tie->tag.empty()) {
      others.push_back(tie->other);
    }
    if (tie->is_subject && tie->scope && relation.cedar_of_scope.contains(wanted.name)) {
      others.push_back(*tie->scope);
    }
  }
  return as_value(others, *wanted.type);
}

/// `Set<{role: Role, scope: Ward}>`: those whose place is of the type that the schema has.
AttributeReader::Found AttributeReader::from_assignments_in_places(const cedar::Type& type) const {
  if (type.kind != CedarKind::kSet || type.element == nullptr) return std::nullopt;
  const cedar::Attribute* role = type.element->find_attribute("role");
  const cedar::Attribute* scope = type.element->find_attribute("scope");
  if (role == nullptr || scope == nullptr) return std::nullopt;
  std::vector<Value> values;
  for (const Tie* tie : ties_) {
    if (tie->relation != Relation::kRoleAssignment || !tie->is_subject || !tie->scope) continue;
    const Found what = as_value({&tie->other, 1}, *role->type);
    const Found where = as_value({&*tie->scope, 1}, *scope->type);
    if (!what || !where) continue;
    std::array<Field, 2> fields = {Field{"role", *what}, Field{"scope", *where}};
    values.push_back(cedar::make_record(arena_, fields));
  }
  return cedar::make_set(arena_, values);
}

std::vector<const cedar::EntityUid*> AttributeReader::parents(const cedar::EntityType& type) const {
  std::vector<const cedar::EntityUid*> parents;
  const auto add = [&](const cedar::EntityUid* uid) {
    if (uid == nullptr || !type.may_be_in(uid->type)) return;
    if (std::ranges::find(parents, uid) == parents.end()) parents.push_back(uid);
  };
  for (const Tie* tie : ties_) {
    if (!tie->is_subject || !schema_of(tie->relation).leads_up || !is_for_all(*tie)) continue;
    add(known_.seen(tie->other));
    if (tie->scope) add(known_.seen(*tie->scope));
  }
  for (const Attribute& attribute : schema_.attributes) {
    if (!attribute.leads_up) continue;
    add(seen(text_in(facts_.thing.document.json(), attribute.name)));
  }
  return parents;
}

std::vector<Field> AttributeReader::tags(const cedar::EntityType& type) const {
  std::vector<Field> tags;
  if (type.tags == nullptr || type.tags->kind != CedarKind::kRecord) return tags;
  for (const Tie* tie : ties_) {
    if (tie->tag.empty() || !tie->is_subject || known_.seen(tie->other) == nullptr) continue;
    const Found exception = from_care(*tie, *type.tags);
    if (!exception) continue;
    std::erase_if(tags, [&](const Field& tag) { return tag.name == tie->tag; });
    tags.push_back({arena_.copy(std::string_view(tie->tag)), *exception});
  }
  std::ranges::sort(tags, {}, &Field::name);
  return tags;
}

AttributeReader::Found AttributeReader::from_care(const Tie& tie, const cedar::Type& type) const {
  std::vector<Field> fields;
  for (const cedar::Attribute& wanted : type.attributes) {
    Found value;
    const bool is_time = wanted.type->kind == CedarKind::kDatetime;
    if (wanted.name == "from" && is_time) value = Value::datetime(tie.from_ms);
    if (wanted.name == "until" && is_time && tie.until_ms != kEndOfTime) {
      value = Value::datetime(tie.until_ms);
    }
    if (wanted.name == "reason" && wanted.type->kind == CedarKind::kString) {
      value = Value::string(arena_.copy(std::string_view(tie.reason)));
    }
    if (value) {
      fields.push_back({wanted.name, *value});
    } else if (wanted.is_required) {
      return std::nullopt;
    }
  }
  return cedar::make_record(arena_, fields);
}

}  // namespace wardlock::directory
