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

Result<void> check_may_supply(const Caller& caller, std::string_view of, std::string_view name) {
  const Names& attributes = caller.scope.attributes;
  if (attributes.is_all() || attributes.contains(fmt::format("{}.{}", of, name))) return {};
  return fail(ErrorCode::kPermissionDenied,
              fmt::format("the caller `{}` may not supply `{}.{}`", caller.id, of, name));
}

Result<const cedar::Entity*> EntityMerge::merge(const EntityUid& uid,
                                                const boost::json::object& properties) {
  uid_ = &uid;
  stored_ = snapshot_.entities.find(uid);
  type_ = snapshot_.schema() ? snapshot_.schema()->find_entity_type(uid.type) : nullptr;
  std::vector<Field> added;
  for (const auto& [name, json] : properties) {
    if (json.is_null()) continue;
    auto field = TRY(snapshot_.schema() ? typed(name, json) : untyped(name, json));
    if (field) added.push_back(*field);
  }
  if (added.empty()) return nullptr;
  return with_fields(uid, added);
}

std::string EntityMerge::where(std::string_view name) const {
  return fmt::format("{} properties.{}", role_, name);
}

const Value* EntityMerge::stored_value(std::string_view name) const {
  return stored_ == nullptr ? nullptr : stored_->attributes().find(name);
}

void EntityMerge::note(std::string_view name, std::string_view what) {
  notes_.push_back(fmt::format("{} {}", where(name), what));
}

void EntityMerge::note_difference(std::string_view name, const Value& said, const Value* stored) {
  if (stored == nullptr || !(said == *stored)) {
    note(name, "differs from the directory, which counts");
  }
}

Result<std::optional<Field>> EntityMerge::untyped(std::string_view name, const codec::Json& json) {
  const Value* stored = stored_value(name);
  if (stored == nullptr) TRY_VOID(check_may_supply(caller_, uid_->type, name));
  if (stored != nullptr && !may_compare(name)) return leave_out(name);
  const Value said =
      TRY(cedar::value_from_json(json, nullptr, arena_, where(name), outside_options()));
  if (stored == nullptr) return Field{arena_.copy(name), said};
  note_difference(name, said, stored);
  return std::nullopt;
}

/// Who may not supply an attribute must not find out its value by guessing either.
bool EntityMerge::may_compare(std::string_view name) const {
  return check_may_supply(caller_, uid_->type, name).has_value();
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
  const bool is_requests = cedar::find_annotation(attribute->annotations, "source") == "request";
  if (is_requests) TRY_VOID(check_may_supply(caller_, uid_->type, name));
  if (!is_requests && !may_compare(name)) return leave_out(name);
  const Value said =
      TRY(cedar::value_from_json(json, attribute->type, arena_, where(name), outside_options()));
  TRY_VOID(cedar::check_value(said, *attribute->type, *snapshot_.schema(), where(name)));
  if (is_requests) return Field{arena_.copy(name), said};
  note_difference(name, said, stored_value(name));
  return std::nullopt;
}

const cedar::Entity* EntityMerge::with_fields(const EntityUid& uid, std::vector<Field> fields) {
  const auto is_added = [&](const Field& stored) {
    return std::ranges::find(fields, stored.name, &Field::name) != fields.end();
  };
  std::vector<Field> all = fields;
  for (const Field& stored : stored_ != nullptr ? stored_->attributes() : cedar::EntityFields()) {
    if (!is_added(stored)) all.push_back(stored);
  }
  return with_attributes(arena_, uid, make_record(arena_, all).as_record(), stored_);
}

}  // namespace wardlock::pdp
