#include "cedar/validator/type_pool.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <vector>

#include "base/check.h"
#include "cedar/ast/names.h"
#include "crypto/seeded_hash.h"

namespace wardlock::cedar {
namespace {

std::size_t mix(std::size_t seed, std::size_t value) {
  return seed ^ (value + 0x9e3779b97f4a7c15ULL + (seed << 6) + (seed >> 2));
}

std::size_t hash_of(std::string_view text) { return crypto::seeded_hash(text); }
std::size_t hash_of(const void* pointer) { return std::hash<const void*>()(pointer); }

constexpr InferredType kTrue = {.kind = Kind::kBool, .constant = true};
constexpr InferredType kFalse = {.kind = Kind::kBool, .constant = false};
constexpr InferredType kEmptySet = {.kind = Kind::kSet};

}  // namespace

std::size_t TypePool::Hash::operator()(const InferredType* type) const {
  std::size_t hash = static_cast<std::size_t>(type->kind) * 2 + (type->is_open ? 1 : 0);
  hash = mix(hash, hash_of(type->element));
  for (const std::string_view name : type->entity_types) hash = mix(hash, hash_of(name));
  for (const InferredAttribute& attribute : type->attributes) {
    hash = mix(hash, hash_of(attribute.name));
    hash = mix(hash, hash_of(attribute.type) * 2 + (attribute.is_required ? 1 : 0));
  }
  return hash;
}

bool TypePool::Equal::operator()(const InferredType* a, const InferredType* b) const {
  const auto is_same = [](const InferredAttribute& x, const InferredAttribute& y) {
    return x.type == y.type && x.is_required == y.is_required && x.name == y.name;
  };
  return a->kind == b->kind && a->constant == b->constant && a->element == b->element &&
         a->is_open == b->is_open && std::ranges::equal(a->entity_types, b->entity_types) &&
         std::ranges::equal(a->attributes, b->attributes, is_same);
}

std::size_t TypePool::PairHash::operator()(
    const std::pair<const InferredType*, const InferredType*>& pair) const {
  return mix(hash_of(pair.first), hash_of(pair.second));
}

const InferredType* TypePool::basic(Kind kind) {
  static constexpr std::array<InferredType, 7> kBasics = {{{Kind::kBool},
                                                           {Kind::kLong},
                                                           {Kind::kString},
                                                           {Kind::kDecimal},
                                                           {Kind::kDatetime},
                                                           {Kind::kDuration},
                                                           {Kind::kIp}}};
  const auto it = std::ranges::find(kBasics, kind, &InferredType::kind);
  CHECK(it != kBasics.end());
  return it;
}

const InferredType* TypePool::constant(bool value) { return value ? &kTrue : &kFalse; }

const InferredType* TypePool::negation(const InferredType* boolean) {
  return boolean->constant ? constant(!*boolean->constant) : boolean;
}

const InferredType* TypePool::entity(std::string_view type) {
  const InferredType*& made = entities_[type];
  if (made == nullptr) {
    made = intern({.kind = Kind::kEntity, .entity_types = arena_.copy(std::vector{type})});
  }
  return made;
}

const InferredType* TypePool::set(const InferredType* element) {
  return element == nullptr ? &kEmptySet : intern({.kind = Kind::kSet, .element = element});
}

const InferredType* TypePool::record(std::span<const InferredAttribute> attributes, bool is_open) {
  const InferredType type = {.kind = Kind::kRecord, .attributes = attributes, .is_open = is_open};
  const auto it = interned_.find(&type);
  if (it != interned_.end()) return *it;
  return intern({.kind = Kind::kRecord, .attributes = arena_.copy(attributes), .is_open = is_open});
}

const InferredType* TypePool::intern(const InferredType& type) {
  const auto it = interned_.find(&type);
  if (it != interned_.end()) return *it;
  return *interned_.insert(arena_.make<InferredType>(type)).first;
}

const InferredType* TypePool::from_schema(const Type& type) {
  switch (type.kind) {
    case Kind::kEntity: return entity(type.entity_type);
    case Kind::kSet:
    case Kind::kRecord: break;
    default: return basic(type.kind);
  }
  const auto it = from_schema_.find(&type);
  if (it != from_schema_.end()) return it->second;
  const InferredType* made = nullptr;
  if (type.kind == Kind::kSet) {
    made = set(from_schema(*type.element));
  } else {
    std::vector<InferredAttribute> attributes;
    attributes.reserve(type.attributes.size());
    for (const Attribute& attribute : type.attributes) {
      attributes.push_back({attribute.name, from_schema(*attribute.type), attribute.is_required});
    }
    made = record(attributes);
  }
  from_schema_.emplace(&type, made);
  return made;
}

const InferredType* TypePool::least_upper_bound(const InferredType* a, const InferredType* b) {
  if (a == b) return a;
  if (a->kind != b->kind) return nullptr;
  switch (a->kind) {
    case Kind::kBool: return basic(Kind::kBool);
    case Kind::kEntity: return is_strict() ? nullptr : union_of(*a, *b);
    case Kind::kSet: {
      if (a->element == nullptr) return b;
      if (b->element == nullptr) return a;
      const InferredType* element = least_upper_bound(a->element, b->element);
      return element == nullptr ? nullptr : set(element);
    }
    case Kind::kRecord: return record_bound(*a, *b);
    default: return nullptr;
  }
}

const InferredType* TypePool::least_upper_bound(std::span<const InferredType* const> types) {
  if (types.empty()) return nullptr;
  if (types.size() == 1) return types.front();
  // Halves, because the bound of many entity types grows: one by one it would be quadratic.
  const std::size_t half = types.size() / 2;
  const InferredType* first = least_upper_bound(types.first(half));
  const InferredType* second = first == nullptr ? nullptr : least_upper_bound(types.subspan(half));
  return second == nullptr ? nullptr : least_upper_bound(first, second);
}

const InferredType* TypePool::union_of(const InferredType& a, const InferredType& b) {
  std::vector<std::string_view> names;
  std::ranges::set_union(a.entity_types, b.entity_types, std::back_inserter(names));
  const InferredType type = {.kind = Kind::kEntity, .entity_types = names};
  const auto it = interned_.find(&type);
  if (it != interned_.end()) return *it;
  return intern({.kind = Kind::kEntity, .entity_types = arena_.copy(names)});
}

const InferredType* TypePool::record_bound(const InferredType& a, const InferredType& b) {
  const auto key = std::pair(&a, &b);
  const auto it = record_bounds_.find(key);
  if (it != record_bounds_.end()) return it->second;
  const InferredType* bound = make_record_bound(a, b);
  record_bounds_.emplace(key, bound);
  return bound;
}

/// In strict mode the attributes and what is required of them are the same. Otherwise what is not
/// common, or has no common type, is forgotten; the record is then open.
const InferredType* TypePool::make_record_bound(const InferredType& a, const InferredType& b) {
  std::vector<InferredAttribute> common;
  std::size_t shared = 0;
  for (const InferredAttribute& left : a.attributes) {
    const InferredAttribute* right = b.find_attribute(left.name);
    if (right != nullptr) ++shared;
    const InferredType* type =
        right == nullptr ? nullptr : least_upper_bound(left.type, right->type);
    const bool is_strictly_same = type != nullptr && left.is_required == right->is_required;
    if (is_strict() && !is_strictly_same) return nullptr;
    if (type != nullptr) {
      common.push_back({left.name, type, left.is_required && right->is_required});
    }
  }
  const std::size_t all = a.attributes.size() + b.attributes.size() - shared;
  if (is_strict() && common.size() != all) return nullptr;
  return record(common, a.is_open || b.is_open || common.size() != all);
}

std::string TypePool::why_incompatible(const InferredType* a, const InferredType* b) {
  if (a->kind == Kind::kSet && b->kind == Kind::kSet && a->element != nullptr &&
      b->element != nullptr) {
    return why_incompatible(a->element, b->element);
  }
  if (a->kind != Kind::kRecord || b->kind != Kind::kRecord) {
    return fmt::format("one is a {}, the other a {}", to_string(*a), to_string(*b));
  }
  for (const InferredAttribute& left : a->attributes) {
    const InferredAttribute* right = b->find_attribute(left.name);
    if (right == nullptr) return fmt::format("only one has the attribute `{}`", left.name);
    if (left.is_required != right->is_required) {
      return fmt::format("only one always has the attribute `{}`", left.name);
    }
    if (least_upper_bound(left.type, right->type) == nullptr) {
      return fmt::format("of `{}` {}", left.name, why_incompatible(left.type, right->type));
    }
  }
  for (const InferredAttribute& right : b->attributes) {
    if (a->find_attribute(right.name) == nullptr) {
      return fmt::format("only one has the attribute `{}`", right.name);
    }
  }
  return "they differ";
}

std::optional<InferredAttribute> TypePool::attribute_of_entity(std::string_view type,
                                                               std::string_view name) {
  const EntityType* declared = schema_.find_entity_type(type);
  const Attribute* attribute =
      declared == nullptr ? nullptr : declared->shape->find_attribute(name);
  if (attribute == nullptr) return std::nullopt;
  return InferredAttribute{attribute->name, from_schema(*attribute->type), attribute->is_required};
}

std::optional<InferredAttribute> TypePool::find_attribute(const InferredType& type,
                                                          std::string_view name) {
  if (type.is(Kind::kRecord)) {
    const InferredAttribute* attribute = type.find_attribute(name);
    return attribute == nullptr ? std::nullopt : std::optional(*attribute);
  }
  if (!type.is(Kind::kEntity)) return std::nullopt;
  auto bound = attribute_of_entity(type.entity_types.front(), name);
  for (const std::string_view other : type.entity_types.subspan(1)) {
    if (!bound) break;
    const auto attribute = attribute_of_entity(other, name);
    const InferredType* common =
        attribute ? least_upper_bound(bound->type, attribute->type) : nullptr;
    if (common == nullptr) return std::nullopt;
    bound->type = common;
    bound->is_required = bound->is_required && attribute->is_required;
  }
  return bound;
}

bool TypePool::may_have_attribute(const InferredType& type, std::string_view name) const {
  if (type.is(Kind::kRecord)) return type.is_open || type.find_attribute(name) != nullptr;
  return std::ranges::any_of(type.entity_types, [&](std::string_view entity_type) {
    const EntityType* declared = schema_.find_entity_type(entity_type);
    return declared != nullptr && declared->shape->find_attribute(name) != nullptr;
  });
}

bool TypePool::has_tags(const InferredType& entity) const {
  return std::ranges::any_of(entity.entity_types, [&](std::string_view name) {
    const EntityType* declared = schema_.find_entity_type(name);
    return declared != nullptr && declared->tags != nullptr;
  });
}

const InferredType* TypePool::tags_of(const InferredType& entity) {
  std::vector<const InferredType*> types;
  for (const std::string_view name : entity.entity_types) {
    const EntityType* declared = schema_.find_entity_type(name);
    if (declared != nullptr && declared->tags != nullptr) {
      types.push_back(from_schema(*declared->tags));
    }
  }
  return least_upper_bound(types);
}

bool TypePool::are_disjoint(const InferredType& a, const InferredType& b) const {
  auto left = a.entity_types.begin();
  auto right = b.entity_types.begin();
  while (left != a.entity_types.end() && right != b.entity_types.end()) {
    const auto order = *left <=> *right;
    if (order == 0) return false;
    order < 0 ? ++left : ++right;
  }
  return true;
}

bool TypePool::may_be_in(const InferredType& inner, const InferredType& outer) {
  return std::ranges::any_of(inner.entity_types, [&](std::string_view type) {
    if (std::ranges::binary_search(outer.entity_types, type)) return true;
    if (is_action_type(type)) {
      return std::ranges::any_of(outer.entity_types, [&](std::string_view group) {
        return may_action_be_in(type, group);
      });
    }
    const EntityType* declared = schema_.find_entity_type(type);
    return declared != nullptr &&
           std::ranges::any_of(declared->ancestors, [&](std::string_view ancestor) {
             return std::ranges::binary_search(outer.entity_types, ancestor);
           });
  });
}

bool TypePool::is_in(const EntityUid& action, const EntityUid& group) {
  if (action == group) return true;
  const ActionType* declared = schema_.find_action(action);
  if (declared == nullptr) return false;
  const auto [it, is_new] = groups_.try_emplace(declared);
  if (is_new) it->second.insert(declared->ancestors.begin(), declared->ancestors.end());
  return it->second.contains(&group);
}

bool TypePool::may_action_be_in(std::string_view inner, std::string_view outer) {
  if (!action_groups_) {
    action_groups_.emplace();
    for (const ActionType& action : schema_.actions()) {
      for (const EntityUid* group : action.ancestors) {
        (*action_groups_)[action.uid->type].insert(group->type);
      }
    }
  }
  const auto it = action_groups_->find(inner);
  return it != action_groups_->end() && it->second.contains(outer);
}

}  // namespace wardlock::cedar
