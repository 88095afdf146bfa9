#include "api/scim/patch.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <unordered_set>
#include <utility>

#include "api/scim/members.h"

namespace wardlock::scim {
namespace {

using boost::json::array;
using boost::json::object;
using codec::Json;

/// Null, and a list of nothing, are as if the attribute had no value (RFC 7643, 2.5).
bool is_nothing(const Json& value) {
  return value.is_null() || (value.is_array() && value.as_array().empty());
}

void set_member(object& into, std::string_view name, const Json& value) {
  Json* member = find_member(into, name);
  if (member != nullptr) {
    *member = value;
  } else {
    into.emplace(name, value);
  }
}

void erase_member(object& from, std::string_view name) {
  const auto found = std::ranges::find_if(
      from, [&](const auto& member) { return is_same_name(member.key(), name); });
  if (found != from.end()) from.erase(found);
}

bool is_primary(const Json& value) {
  const Json* primary = value.is_object() ? find_member(value.as_object(), "primary") : nullptr;
  return primary != nullptr && primary->is_bool() && primary->as_bool();
}

/// Applies one operation to one resource.
class Patcher {
 public:
  Patcher(object& resource, const FindTraits& find_traits)
      : resource_(resource), find_traits_(find_traits) {}

  Outcome<void> apply(const PatchOperation& operation) {
    if (operation.path) return apply_at(operation.kind, *operation.path, operation.value);
    for (const auto& member : operation.value.as_object()) {
      TRY_VOID(apply_member(operation.kind, member.key(), member.value()));
    }
    return {};
  }

 private:
  /// Where an operation works, once it is known that it may.
  struct Target {
    AttributeTraits traits;
    AttributeTraits sub_traits;  ///< with a name, if the path has a sub-attribute
  };

  Outcome<void> apply_member(PatchKind kind, std::string_view key, const Json& value);
  Outcome<void> apply_at(PatchKind kind, const PatchPath& path, const Json& value);
  Outcome<Target> find_target(const PatchPath& path) const;

  object& container(const AttributeTraits& traits);
  void forget_if_empty(const AttributeTraits& traits);
  Outcome<void> remove_attribute(const AttributeTraits& traits);

  Outcome<void> set_attribute(PatchKind kind, const PatchPath& path, const Target& target,
                              const Json& value);
  Outcome<void> set_values(PatchKind kind, const AttributePath& path, const Target& target,
                           const Json& value);
  Outcome<void> merge(const AttributePath& path, object& into, const Json& value);
  Outcome<void> change_one(PatchKind kind, const PatchPath& path, const Target& target, Json& one,
                           const Json& value);
  Outcome<void> change_values(PatchKind kind, const PatchPath& path, const Target& target,
                              const Json& value);

  object& resource_;
  const FindTraits& find_traits_;
};

std::unexpected<ScimError> no_such_attribute(ErrorType type, const AttributePath& path) {
  return refuse(type, fmt::format("the schema has no attribute `{}`", to_string(path)));
}

std::unexpected<ScimError> read_only(std::string_view name) {
  return refuse(ErrorType::kMutability, fmt::format("`{}` is read-only", name));
}

std::unexpected<ScimError> required(std::string_view name) {
  return refuse(ErrorType::kMutability, fmt::format("`{}` is required, and stays", name));
}

Outcome<void> Patcher::apply_member(PatchKind kind, std::string_view key, const Json& value) {
  auto path = parse_attribute_path(key);
  if (!path) return refuse(ErrorType::kInvalidValue, path.error().message);
  const bool is_extension = key.contains(':') && value.is_object() && !find_traits_(*path);
  if (is_extension) {
    for (const auto& member : value.as_object()) {
      TRY_VOID(apply_member(kind, fmt::format("{}:{}", key, std::string_view(member.key())),
                            member.value()));
    }
    return {};
  }
  PatchPath at{.path = *std::move(path), .filter = nullptr, .sub_attribute = {}};
  if (!find_traits_(at.path)) return no_such_attribute(ErrorType::kInvalidValue, at.path);
  at.sub_attribute = std::exchange(at.path.sub_attribute, {});
  return apply_at(kind, at, value);
}

Outcome<Patcher::Target> Patcher::find_target(const PatchPath& path) const {
  const auto traits = find_traits_(path.path);
  if (!traits) return no_such_attribute(ErrorType::kInvalidPath, path.path);
  if (traits->is_read_only) return read_only(traits->name);
  if (path.filter && !traits->is_multi_valued) {
    return refuse(ErrorType::kInvalidPath,
                  fmt::format("`{}` has one value: a filter has nothing to choose", traits->name));
  }
  Target target{.traits = *traits, .sub_traits = {}};
  if (path.sub_attribute.empty()) return target;
  AttributePath sub_path = path.path;
  sub_path.sub_attribute = path.sub_attribute;
  const auto sub_traits = find_traits_(sub_path);
  if (!sub_traits) return no_such_attribute(ErrorType::kInvalidPath, sub_path);
  if (sub_traits->is_read_only) return read_only(to_string(sub_path));
  target.sub_traits = *sub_traits;
  return target;
}

Outcome<void> Patcher::apply_at(PatchKind kind, const PatchPath& path, const Json& value) {
  const Target target = TRY(find_target(path));
  const bool is_removal =
      kind == PatchKind::kRemove || (kind == PatchKind::kReplace && is_nothing(value));
  if (kind == PatchKind::kAdd && is_nothing(value)) return {};
  const PatchKind done = is_removal ? PatchKind::kRemove : kind;
  const bool is_about_values =
      path.filter || (target.traits.is_multi_valued && !path.sub_attribute.empty());
  if (is_about_values) return change_values(done, path, target, value);
  if (done != PatchKind::kRemove) return set_attribute(done, path, target, value);
  if (path.sub_attribute.empty()) return remove_attribute(target.traits);
  if (target.sub_traits.is_required) return required(target.sub_traits.name);
  Json* complex = find_member(container(target.traits), target.traits.name);
  if (complex != nullptr && complex->is_object()) {
    erase_member(complex->as_object(), target.sub_traits.name);
    if (complex->as_object().empty()) return remove_attribute(target.traits);
  }
  forget_if_empty(target.traits);
  return {};
}

object& Patcher::container(const AttributeTraits& traits) {
  if (traits.container.empty()) return resource_;
  Json* extension = find_member(resource_, traits.container);
  if (extension == nullptr || !extension->is_object()) {
    set_member(resource_, traits.container, object());
    extension = find_member(resource_, traits.container);
  }
  return extension->as_object();
}

void Patcher::forget_if_empty(const AttributeTraits& traits) {
  if (!traits.container.empty() && container(traits).empty()) {
    erase_member(resource_, traits.container);
  }
}

Outcome<void> Patcher::remove_attribute(const AttributeTraits& traits) {
  if (traits.is_required) return required(traits.name);
  erase_member(container(traits), traits.name);
  forget_if_empty(traits);
  return {};
}

Outcome<void> Patcher::set_attribute(PatchKind kind, const PatchPath& path, const Target& target,
                                     const Json& value) {
  object& holder = container(target.traits);
  if (target.traits.is_multi_valued) return set_values(kind, path.path, target, value);
  if (!target.traits.is_complex) {
    if (value.is_array() || value.is_object()) {
      return refuse(ErrorType::kInvalidValue,
                    fmt::format("`{}` has one simple value", target.traits.name));
    }
    set_member(holder, target.traits.name, value);
    return {};
  }
  Json* complex = find_member(holder, target.traits.name);
  if (complex == nullptr || !complex->is_object()) {
    set_member(holder, target.traits.name, object());
    complex = find_member(holder, target.traits.name);
  }
  if (path.sub_attribute.empty()) return merge(path.path, complex->as_object(), value);
  set_member(complex->as_object(), target.sub_traits.name, value);
  return {};
}

/// One value that becomes primary takes that from the others. `touched` is in order.
Outcome<void> settle_primary(array& values, const std::vector<std::size_t>& touched) {
  const auto count =
      std::ranges::count_if(touched, [&](std::size_t place) { return is_primary(values[place]); });
  if (count == 0) return {};
  if (count > 1) return refuse(ErrorType::kInvalidValue, "two values are `primary`; one can be");
  for (std::size_t place = 0; place < values.size(); ++place) {
    const bool is_touched = std::ranges::binary_search(touched, place);
    if (!is_touched && is_primary(values[place])) {
      set_member(values[place].as_object(), "primary", false);
    }
  }
  return {};
}

Outcome<void> Patcher::set_values(PatchKind kind, const AttributePath& path, const Target& target,
                                  const Json& value) {
  const array given = value.is_array() ? value.as_array() : array{value};
  array values;
  const Json* present = find_member(container(target.traits), target.traits.name);
  if (kind == PatchKind::kAdd && present != nullptr && present->is_array()) {
    values = present->as_array();
  }
  // By their texts: whoever sends many values must not have each compared with each.
  std::unordered_set<std::string> known;
  for (const Json& each : values) known.insert(codec::to_json_text(each));
  std::vector<std::size_t> touched;
  for (const Json& each : given) {
    Json added = each;
    if (target.traits.is_complex) {
      object checked;
      TRY_VOID(merge(path, checked, each));
      added = std::move(checked);
    } else if (each.is_object() || each.is_array()) {
      return refuse(ErrorType::kInvalidValue,
                    fmt::format("`{}` has simple values", target.traits.name));
    }
    if (!known.insert(codec::to_json_text(added)).second) continue;
    touched.push_back(values.size());
    values.push_back(std::move(added));
  }
  TRY_VOID(settle_primary(values, touched));
  set_member(container(target.traits), target.traits.name, values);
  return {};
}

/// Sets the sub-attributes that `value` has; null takes one away.
Outcome<void> Patcher::merge(const AttributePath& path, object& into, const Json& value) {
  if (!value.is_object()) {
    return refuse(ErrorType::kInvalidValue,
                  fmt::format("`{}` takes an object of sub-attributes", to_string(path)));
  }
  for (const auto& member : value.as_object()) {
    AttributePath sub_path = path;
    sub_path.sub_attribute = member.key();
    const auto traits = find_traits_(sub_path);
    if (!traits) return no_such_attribute(ErrorType::kInvalidValue, sub_path);
    if (traits->is_read_only) return read_only(to_string(sub_path));
    if (is_nothing(member.value())) {
      if (traits->is_required) return required(traits->name);
      erase_member(into, traits->name);
    } else {
      set_member(into, traits->name, member.value());
    }
  }
  return {};
}

/// Adds to, or replaces, one value of several, or a sub-attribute of it.
Outcome<void> Patcher::change_one(PatchKind kind, const PatchPath& path, const Target& target,
                                  Json& one, const Json& value) {
  if (path.sub_attribute.empty() && !target.traits.is_complex) {
    if (value.is_object() || value.is_array()) {
      return refuse(ErrorType::kInvalidValue,
                    fmt::format("`{}` has simple values", target.traits.name));
    }
    one = value;
    return {};
  }
  object changed;
  if (one.is_object() && (kind == PatchKind::kAdd || !path.sub_attribute.empty())) {
    changed = one.as_object();
  }
  if (path.sub_attribute.empty()) {
    TRY_VOID(merge(path.path, changed, value));
  } else if (kind == PatchKind::kRemove) {
    if (target.sub_traits.is_required) return required(target.sub_traits.name);
    erase_member(changed, target.sub_traits.name);
  } else {
    set_member(changed, target.sub_traits.name, value);
  }
  one = std::move(changed);
  return {};
}

Outcome<void> Patcher::change_values(PatchKind kind, const PatchPath& path, const Target& target,
                                     const Json& value) {
  Json* attribute = find_member(container(target.traits), target.traits.name);
  array values;
  if (attribute != nullptr && attribute->is_array()) values = attribute->as_array();
  std::vector<std::size_t> chosen;
  for (std::size_t place = 0; place < values.size(); ++place) {
    if (!path.filter || matches_value(*path.filter, values[place])) chosen.push_back(place);
  }
  if (chosen.empty()) {
    return refuse(ErrorType::kNoTarget,
                  fmt::format("no value of `{}` is as the path says", target.traits.name));
  }
  const bool takes_whole = kind == PatchKind::kRemove && path.sub_attribute.empty();
  for (auto place = chosen.rbegin(); place != chosen.rend(); ++place) {
    if (takes_whole) {
      values[*place] = object();  // left out below
    } else {
      TRY_VOID(change_one(kind, path, target, values[*place], value));
    }
  }
  if (!takes_whole && kind != PatchKind::kRemove) TRY_VOID(settle_primary(values, chosen));
  array kept;
  for (Json& each : values) {
    if (!each.is_object() || !each.as_object().empty()) kept.push_back(std::move(each));
  }
  if (kept.empty()) return remove_attribute(target.traits);
  set_member(container(target.traits), target.traits.name, kept);
  return {};
}

}  // namespace

Outcome<object> apply_patch(const object& resource, const std::vector<PatchOperation>& operations,
                            const FindTraits& find_traits) {
  object changed = resource;
  for (const PatchOperation& operation : operations) {
    const auto done = Patcher(changed, find_traits).apply(operation);
    if (!done) {
      return refuse(done.error().type,
                    fmt::format("Operations[{}]: {}", operation.place, done.error().message));
    }
  }
  return changed;
}

}  // namespace wardlock::scim
