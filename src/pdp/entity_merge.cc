#include "pdp/entity_merge.h"

#include <fmt/format.h>

#include <algorithm>

#include "cedar/entities/conformance.h"

namespace wardlock::pdp {

using cedar::EntityUid;
using cedar::Field;
using cedar::Value;

cedar::ValueJsonOptions outside_options() {
  cedar::ValueJsonOptions options;
  options.escapes_count = false;
  options.null_is_absent = true;
  options.checks_ids = true;
  return options;
}

bool may_supply(const Caller& caller, std::string_view of, std::string_view name, Arena& arena) {
  const Names& attributes = caller.scope.attributes;
  return attributes.is_all() || attributes.contains(join(arena, {of, ".", name}));
}

Result<void> check_may_supply(const Caller& caller, std::string_view of, std::string_view name,
                              Arena& arena) {
  if (may_supply(caller, of, name, arena)) return {};
  return fail(ErrorCode::kPermissionDenied,
              fmt::format("the caller `{}` may not supply `{}.{}`", caller.id, of, name));
}

Result<const cedar::Entity*> EntityMerge::merge(const EntityUid& uid,
                                                const boost::json::object& properties,
                                                const boost::json::object* more) {
  uid_ = &uid;
  stored_ = snapshot_.entities.find(uid);
  type_ = snapshot_.schema() ? snapshot_.schema()->find_entity_type(uid.type) : nullptr;
  Fields fields(arena_.resource());
  for (const auto& [name, json] : properties) {
    const codec::Json* other = more == nullptr ? nullptr : more->if_contains(name);
    TRY_VOID(add(name, json.is_null() && other != nullptr ? *other : json, fields));
  }
  if (more != nullptr) {
    for (const auto& [name, json] : *more) {
      if (!properties.contains(name)) TRY_VOID(add(name, json, fields));
    }
  }
  if (fields.empty()) return nullptr;
  return with_fields(uid, std::move(fields));
}

Result<void> EntityMerge::add(std::string_view name, const codec::Json& json, Fields& fields) {
  if (json.is_null()) return {};
  const auto field = TRY(snapshot_.schema() ? typed(name, json) : untyped(name, json));
  if (field) fields.push_back(*field);
  return {};
}

std::string_view EntityMerge::where(std::string_view name) const {
  return join(arena_, {role_, " properties.", name});
}

const Value* EntityMerge::stored_value(std::string_view name) const {
  return stored_ == nullptr ? nullptr : stored_->attributes().find(name);
}

void EntityMerge::note(std::string_view name, std::string_view what) {
  notes_.add({role_, " properties.", name, " ", what});
}

void EntityMerge::note_difference(std::string_view name, const Value& said, const Value* stored,
                                  std::string_view owner) {
  if (!notes_.are_wanted()) return;
  if (stored == nullptr || !(said == *stored)) {
    note(name, join(arena_, {"differs from the ", owner, ", which counts"}));
  }
}

Result<std::optional<Field>> EntityMerge::untyped(std::string_view name, const codec::Json& json) {
  const Value* stored = stored_value(name);
  if (stored == nullptr) TRY_VOID(check_may_supply(caller_, uid_->type, name, arena_));
  if (stored != nullptr && !may_compare(name)) return leave_out(name);
  const Value said =
      TRY(cedar::value_from_json(json, nullptr, arena_, where(name), outside_options()));
  if (stored == nullptr) return Field{arena_.copy(name), said};
  note_difference(name, said, stored);
  return std::nullopt;
}

/// Who may not supply an attribute must not find out its value by guessing either.
bool EntityMerge::may_compare(std::string_view name) const {
  return may_supply(caller_, uid_->type, name, arena_);
}

std::optional<Field> EntityMerge::leave_out(std::string_view name) {
  note(name, "is the directory's and was left out");
  return std::nullopt;
}

Result<std::optional<Field>> EntityMerge::typed(std::string_view name, const codec::Json& json) {
  const cedar::Attribute* attribute =
      type_ == nullptr ? nullptr : type_->shape->find_attribute(name);
  if (attribute == nullptr) {
    note(name, "is not in the schema and was left out");
    return std::nullopt;
  }
  const auto source = cedar::find_annotation(attribute->annotations, "source");
  const bool is_requests = source == "request";
  if (is_requests) TRY_VOID(check_may_supply(caller_, uid_->type, name, arena_));
  if (!is_requests && !may_compare(name)) return leave_out(name);
  const Value said =
      TRY(cedar::value_from_json(json, attribute->type, arena_, where(name), outside_options()));
  TRY_VOID(cedar::check_value(said, *attribute->type, *snapshot_.schema(), where(name)));
  if (is_requests) return Field{arena_.copy(name), said};
  const bool is_told = source && source != "directory";
  note_difference(name, said, stored_value(name),
                  is_told ? join(arena_, {"source `", *source, "`"}) : "directory");
  return std::nullopt;
}

const cedar::Entity* EntityMerge::with_fields(const EntityUid& uid, Fields fields) {
  const auto is_less = [](const Field& a, const Field& b) { return a.name < b.name; };
  std::ranges::sort(fields, is_less);
  const cedar::EntityFields stored =
      stored_ != nullptr ? stored_->attributes() : cedar::EntityFields();
  // Both are sorted; of two with one name, that of the request comes first and counts.
  const std::span<Field> all = arena_.allocate<Field>(fields.size() + stored.size());
  const auto end = std::ranges::set_union(fields, stored, all.begin(), is_less).out;
  return with_attributes(arena_, uid, {all.begin(), end}, stored_);
}

}  // namespace wardlock::pdp
