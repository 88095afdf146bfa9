#include <fmt/format.h>

#include "cedar/ast/names.h"
#include "cedar/validator/near_names.h"
#include "cedar/validator/typechecker.h"

namespace wardlock::cedar {

Typechecker::Typed Typechecker::check_get(const Expr& at, const GetAttr& e) {
  const Typed target = check(*e.target, Wanted::kEntityOrRecord, "." + std::string(e.name));
  if (target.type == nullptr) return {};
  const auto attribute = pool_.find_attribute(*target.type, e.name);
  if (!attribute) {
    report_unknown_attribute(at, *target.type, e.name);
    return {};
  }
  if (!attribute->is_required) {
    const auto guard = capabilities_.attribute(capabilities_.shape_of(*e.target), e.name);
    if (!capabilities_.is_known(guard)) {
      error(
          at, ValidationCode::kUnguardedAttribute,
          fmt::format("the attribute `{}` is optional in the {}", e.name, to_string(*target.type)),
          fmt::format("test it before: `… has {} && …`", attribute_text(e.name)));
    }
  }
  return {attribute->type};
}

void Typechecker::report_unknown_attribute(const Expr& at, const InferredType& type,
                                           std::string_view name) {
  if (type.is(Kind::kEntity) && is_action_type(type.entity_types.front())) {
    error(at, ValidationCode::kUnknownAttribute,
          fmt::format("an action has no attributes, so no `{}`", name),
          "what the caller says about the request is in `context`");
    return;
  }
  std::string help;
  if (pool_.may_have_attribute(type, name)) {
    help = "not all that it can be have it, or not of one type; test for the type first";
  } else if (steps_.may_suggest()) {
    help = nearest_help(name, attribute_names(type, pool_.schema()));
  }
  error(at, ValidationCode::kUnknownAttribute,
        fmt::format("there is no attribute `{}` in the {}", name, to_string(type)),
        std::move(help));
}

/// `a has b.c` is `a has b && a.b has c`: each name is a step.
Typechecker::Typed Typechecker::check_has(const Expr& at, const HasAttr& e) {
  const Typed target = check(*e.target, Wanted::kEntityOrRecord, "has");
  if (target.type == nullptr) return {};
  const InferredType* type = target.type;
  CapabilityTable::ShapeId shape = capabilities_.shape_of(*e.target);
  Typed all = {TypePool::constant(true)};
  for (std::size_t i = 0; i < e.path.size(); ++i) {
    const std::string_view name = e.path[i];
    if (!matches(Wanted::kEntityOrRecord, *type)) {
      report_mismatch(at, Wanted::kEntityOrRecord, *type, "has");
      return {};
    }
    const auto attribute = pool_.find_attribute(*type, name);
    if (!attribute && !pool_.may_have_attribute(*type, name)) return {TypePool::constant(false)};
    const bool is_last = i + 1 == e.path.size();
    if (!attribute) {
      if (is_last) return {TypePool::basic(Kind::kBool), std::move(all.learned)};
      report_unknown_attribute(at, *type, name);
      return {};
    }
    const CapabilityId guard = capabilities_.attribute(shape, name);
    // An entity may be missing, even where its type requires the attribute.
    const bool is_sure = type->is(Kind::kRecord) && attribute->is_required;
    if (!is_sure && !capabilities_.is_known(guard)) {
      all.type = TypePool::basic(Kind::kBool);
      all.learned.push_back(guard);
    }
    type = attribute->type;
    if (!is_last) shape = capabilities_.attribute_shape(shape, name);
  }
  return all;
}

Typechecker::Typed Typechecker::check_has_tag(const BinaryExpr& e) {
  const Typed entity = check(*e.left, Wanted::kEntity, "hasTag");
  check(*e.right, Wanted::kString, "hasTag");
  if (entity.type == nullptr) return {TypePool::basic(Kind::kBool)};
  if (!pool_.has_tags(*entity.type)) return {TypePool::constant(false)};
  const CapabilityId guard =
      capabilities_.tag(capabilities_.shape_of(*e.left), capabilities_.shape_of(*e.right));
  if (capabilities_.is_known(guard)) return {TypePool::constant(true)};
  return {TypePool::basic(Kind::kBool), {guard}};
}

Typechecker::Typed Typechecker::check_get_tag(const Expr& at, const BinaryExpr& e) {
  const Typed entity = check(*e.left, Wanted::kEntity, "getTag");
  const Typed tag = check(*e.right, Wanted::kString, "getTag");
  if (entity.type == nullptr || tag.type == nullptr) return {};
  if (!pool_.has_tags(*entity.type)) {
    error(at, ValidationCode::kNoTags, fmt::format("the {} has no tags", to_string(*entity.type)),
          "declare `tags` for it in the schema, or read an attribute");
    return {};
  }
  const CapabilityId guard =
      capabilities_.tag(capabilities_.shape_of(*e.left), capabilities_.shape_of(*e.right));
  if (!capabilities_.is_known(guard)) {
    error(at, ValidationCode::kUnguardedTag,
          fmt::format("the {} may not have this tag", to_string(*entity.type)),
          "test it before: `… .hasTag(…) && …`, with the same tag");
  }
  const InferredType* type = pool_.tags_of(*entity.type);
  if (type == nullptr) {
    error(at, ValidationCode::kIncompatibleTypes,
          fmt::format("the tags of the {} are of different types", to_string(*entity.type)),
          "test for the entity's type first");
  }
  return {type};
}

}  // namespace wardlock::cedar
