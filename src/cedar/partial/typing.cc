#include "cedar/partial/typing.h"

#include <algorithm>
#include <array>

namespace wardlock::cedar {
namespace {

constexpr Type kBool{.kind = Kind::kBool};
constexpr Type kLong{.kind = Kind::kLong};
constexpr Type kString{.kind = Kind::kString};
constexpr Type kDecimal{.kind = Kind::kDecimal};
constexpr Type kDatetime{.kind = Kind::kDatetime};
constexpr Type kDuration{.kind = Kind::kDuration};
constexpr Type kIp{.kind = Kind::kIp};

bool is_ordered(Kind kind) {
  return kind == Kind::kLong || kind == Kind::kDatetime || kind == Kind::kDuration;
}

/// What an extension function takes and gives, and whether it can still err when its arguments are
/// of these types.
struct Signature {
  const Type* result;
  std::array<Kind, 2> arguments;
  bool is_total;
};

Signature signature(ExtensionFunction function) {
  switch (function) {
    case ExtensionFunction::kDecimal: return {&kDecimal, {Kind::kString}, false};
    case ExtensionFunction::kLessThan:
    case ExtensionFunction::kLessThanOrEqual:
    case ExtensionFunction::kGreaterThan:
    case ExtensionFunction::kGreaterThanOrEqual:
      return {&kBool, {Kind::kDecimal, Kind::kDecimal}, true};
    case ExtensionFunction::kIp: return {&kIp, {Kind::kString}, false};
    case ExtensionFunction::kIsIpv4:
    case ExtensionFunction::kIsIpv6:
    case ExtensionFunction::kIsLoopback:
    case ExtensionFunction::kIsMulticast: return {&kBool, {Kind::kIp}, true};
    case ExtensionFunction::kIsInRange: return {&kBool, {Kind::kIp, Kind::kIp}, true};
    case ExtensionFunction::kDatetime: return {&kDatetime, {Kind::kString}, false};
    case ExtensionFunction::kDuration: return {&kDuration, {Kind::kString}, false};
    case ExtensionFunction::kOffset: return {&kDatetime, {Kind::kDatetime, Kind::kDuration}, false};
    case ExtensionFunction::kDurationSince:
      return {&kDuration, {Kind::kDatetime, Kind::kDatetime}, false};
    case ExtensionFunction::kToDate: return {&kDatetime, {Kind::kDatetime}, false};
    case ExtensionFunction::kToTime: return {&kDuration, {Kind::kDatetime}, true};
    case ExtensionFunction::kToMilliseconds:
    case ExtensionFunction::kToSeconds:
    case ExtensionFunction::kToMinutes:
    case ExtensionFunction::kToHours:
    case ExtensionFunction::kToDays: return {&kLong, {Kind::kDuration}, true};
  }
  return {nullptr, {}, false};
}

bool are_total(std::span<const Knowledge> children) {
  return std::ranges::all_of(children, &Knowledge::is_total);
}

bool are_total_bools(std::span<const Knowledge> children) {
  return std::ranges::all_of(children,
                             [](const Knowledge& k) { return k.is_total_of(Kind::kBool); });
}

/// Whether `in` is defined on the right side.
bool is_group(const Knowledge& right) {
  if (right.is(Kind::kEntity)) return true;
  return right.is(Kind::kSet) && right.type->element != nullptr &&
         right.type->element->kind == Kind::kEntity;
}

Knowledge boolean(bool is_total) { return {&kBool, is_total}; }

bool is_same(const Type& a, const Type& b) {
  if (a.kind != b.kind) return false;
  if (a.kind == Kind::kEntity) return a.entity_type == b.entity_type;
  if (a.kind == Kind::kSet) {
    return a.element != nullptr && b.element != nullptr && is_same(*a.element, *b.element);
  }
  if (a.kind == Kind::kRecord) {
    return &a == &b || (a.attributes.data() == b.attributes.data() &&
                        a.attributes.size() == b.attributes.size());
  }
  return true;
}

}  // namespace

bool are_disjoint(const Type& a, const Type& b) {
  if (a.kind != b.kind) return true;
  return a.kind == Kind::kEntity && a.entity_type != b.entity_type;
}

/// One overload per kind of node.
struct Typing::Visitor {
  const Typing& self;
  std::span<const Knowledge> children;

  Knowledge operator()(const Literal& e) const { return {self.of(e.value), true}; }
  /// Only whoever knows the request can tell.
  Knowledge operator()(Variable) const { return {nullptr, true}; }

  Knowledge operator()(const UnaryExpr& e) const {
    switch (e.op) {
      case UnaryOp::kNot: return boolean(are_total_bools(children));
      case UnaryOp::kIsEmpty: return boolean(children[0].is_total_of(Kind::kSet));
      case UnaryOp::kNegate: break;
    }
    return {&kLong, false};
  }

  Knowledge operator()(const BinaryExpr& e) const {
    const Knowledge &left = children[0], &right = children[1];
    switch (e.op) {
      case BinaryOp::kEqual:
      case BinaryOp::kNotEqual: return boolean(are_total(children));
      case BinaryOp::kLess:
      case BinaryOp::kLessEqual:
      case BinaryOp::kGreater:
      case BinaryOp::kGreaterEqual:
        return boolean(are_total(children) && left.type != nullptr && right.type != nullptr &&
                       left.type->kind == right.type->kind && is_ordered(left.type->kind));
      case BinaryOp::kIn:
        return boolean(left.is_total_of(Kind::kEntity) && right.is_total && is_group(right));
      case BinaryOp::kAdd:
      case BinaryOp::kSubtract:
      case BinaryOp::kMultiply: return {&kLong, false};
      case BinaryOp::kContains: return boolean(left.is_total_of(Kind::kSet) && right.is_total);
      case BinaryOp::kContainsAll:
      case BinaryOp::kContainsAny:
        return boolean(left.is_total_of(Kind::kSet) && right.is_total_of(Kind::kSet));
      case BinaryOp::kHasTag:
        return boolean(left.is_total_of(Kind::kEntity) && right.is_total_of(Kind::kString));
      case BinaryOp::kGetTag: break;
    }
    if (!left.is(Kind::kEntity)) return {};
    const EntityType* type = self.schema_.find_entity_type(left.type->entity_type);
    return {type == nullptr ? nullptr : type->tags, false};
  }

  Knowledge operator()(const AndExpr&) const { return boolean(are_total_bools(children)); }
  Knowledge operator()(const OrExpr&) const { return boolean(are_total_bools(children)); }

  Knowledge operator()(const IfExpr&) const {
    const bool is_total =
        children[0].is_total_of(Kind::kBool) && children[1].is_total && children[2].is_total;
    const Type *a = children[1].type, *b = children[2].type;
    return {a != nullptr && b != nullptr && is_same(*a, *b) ? a : nullptr, is_total};
  }

  Knowledge operator()(const GetAttr& e) const {
    const Knowledge& target = children[0];
    if (target.type == nullptr) return {};
    const Attribute* attribute = self.find_attribute(*target.type, e.name);
    if (attribute == nullptr) return {};
    return {attribute->type, target.is_total_of(Kind::kRecord) && attribute->is_required};
  }

  /// Walks the path by the types: a step through something that has no attributes errs.
  Knowledge operator()(const HasAttr& e) const {
    const Type* type = children[0].type;
    bool is_total = children[0].is_total && type != nullptr;
    for (const std::string_view name : e.path) {
      if (!is_total) break;
      if (type->kind != Kind::kRecord && type->kind != Kind::kEntity) is_total = false;
      const Attribute* attribute = self.find_attribute(*type, name);
      if (attribute == nullptr) break;
      type = attribute->type;
    }
    return boolean(is_total);
  }

  Knowledge operator()(const LikeExpr&) const {
    return boolean(children[0].is_total_of(Kind::kString));
  }

  Knowledge operator()(const IsExpr& e) const {
    const bool is_total = children[0].is_total_of(Kind::kEntity);
    return boolean(is_total &&
                   (e.in == nullptr || (children[1].is_total && is_group(children[1]))));
  }

  Knowledge operator()(const SetExpr&) const {
    const Type* element = children.empty() ? nullptr : children[0].type;
    for (const Knowledge& child : children) {
      if (element == nullptr || child.type == nullptr || !is_same(*element, *child.type)) {
        element = nullptr;
        break;
      }
    }
    return {self.arena_.make<Type>(Kind::kSet, std::string_view(), element), are_total(children)};
  }

  Knowledge operator()(const RecordExpr& e) const {
    if (std::ranges::any_of(children, [](const Knowledge& k) { return k.type == nullptr; })) {
      return {nullptr, are_total(children)};
    }
    const std::span<Attribute> attributes = self.arena_.allocate<Attribute>(children.size());
    for (std::size_t i = 0; i < children.size(); ++i) {
      attributes[i] = Attribute{e.entries[i].name, children[i].type, true, {}};
    }
    return {self.arena_.make<Type>(Kind::kRecord, std::string_view(), nullptr, attributes),
            are_total(children)};
  }

  Knowledge operator()(const ExtensionCall& e) const {
    const Signature known = signature(e.function);
    bool is_total = known.is_total && children.size() == arity(e.function);
    for (std::size_t i = 0; is_total && i < children.size(); ++i) {
      is_total = children[i].is_total_of(known.arguments[i]);
    }
    return {known.result, is_total};
  }
};

const Type* Typing::entity(std::string_view type) const {
  return arena_.make<Type>(Kind::kEntity, type);
}

const Type* Typing::of(const Value& value) const {
  switch (value.kind()) {
    case Kind::kBool: return &kBool;
    case Kind::kLong: return &kLong;
    case Kind::kString: return &kString;
    case Kind::kDecimal: return &kDecimal;
    case Kind::kDatetime: return &kDatetime;
    case Kind::kDuration: return &kDuration;
    case Kind::kIp: return &kIp;
    case Kind::kEntity: return entity(value.as_entity().type);
    case Kind::kSet: {
      const Type* element = value.as_set().empty() ? nullptr : of(value.as_set().front());
      for (const Value& member : value.as_set()) {
        if (element != nullptr && !is_same(*element, *of(member))) element = nullptr;
      }
      return arena_.make<Type>(Kind::kSet, std::string_view(), element);
    }
    case Kind::kRecord: break;
  }
  const auto fields = value.as_record();
  const std::span<Attribute> attributes = arena_.allocate<Attribute>(fields.size());
  for (std::size_t i = 0; i < fields.size(); ++i) {
    attributes[i] = Attribute{fields[i].name, of(fields[i].value), true, {}};
  }
  return arena_.make<Type>(Kind::kRecord, std::string_view(), nullptr, attributes);
}

const Attribute* Typing::find_attribute(const Type& type, std::string_view name) const {
  if (type.kind == Kind::kRecord) return type.find_attribute(name);
  if (type.kind != Kind::kEntity) return nullptr;
  const EntityType* entity_type = schema_.find_entity_type(type.entity_type);
  return entity_type == nullptr ? nullptr : entity_type->shape->find_attribute(name);
}

Knowledge Typing::of(const Expr::Node& node, std::span<const Knowledge> children) const {
  return std::visit(Visitor{*this, children}, node);
}

bool Typing::may_be_in(std::string_view member, std::string_view group) const {
  if (member == group) return true;
  const EntityType* type = schema_.find_entity_type(member);
  // A type that the schema does not have (an action's, or a mistake) might be in anything.
  return type == nullptr || type->may_be_in(group);
}

}  // namespace wardlock::cedar
