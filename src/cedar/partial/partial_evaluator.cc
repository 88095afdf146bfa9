#include "cedar/partial/partial_evaluator.h"

#include <algorithm>
#include <array>
#include <vector>

#include "cedar/ast/names.h"

namespace wardlock::cedar {
namespace {

/// Stands for an unknown principal or resource where the evaluator wants one; nothing reads it.
const EntityUid kNobody{.type = "", .id = "", .hash = 0};

Partial value_of(const Value& value) { return {.state = Partial::State::kValue, .value = value}; }
Partial value_of(bool b) { return value_of(Value::boolean(b)); }

Partial error_of(const EvalError& error, const Expr& at) {
  return {.state = Partial::State::kError, .error = error, .expr = &at};
}

Partial not_a_bool(const Value& found, const Expr& operand, const Expr& at) {
  return error_of({.kind = EvalErrorKind::kTypeError,
                   .found = found.kind(),
                   .what = "bool",
                   .span = operand.span},
                  at);
}

/// The entities on the right of `in`, or nothing where it is not defined.
std::optional<std::vector<const EntityUid*>> groups_of(const Value& right) {
  if (right.is(Kind::kEntity)) return std::vector{&right.as_entity()};
  if (!right.is(Kind::kSet)) return std::nullopt;
  std::vector<const EntityUid*> groups;
  for (const Value& member : right.as_set()) {
    if (!member.is(Kind::kEntity)) return std::nullopt;
    groups.push_back(&member.as_entity());
  }
  return groups;
}

/// The type of entity that the right of `in` holds, or null.
const Type* group_type(const Knowledge& right) {
  if (right.is(Kind::kEntity)) return right.type;
  if (!right.is(Kind::kSet) || right.type->element == nullptr) return nullptr;
  return right.type->element->kind == Kind::kEntity ? right.type->element : nullptr;
}

}  // namespace

/// One overload per kind of node.
struct PartialEvaluator::Visitor {
  PartialEvaluator& self;
  const Expr& at;

  Partial operator()(const Literal& e) const { return value_of(e.value); }

  Partial operator()(Variable variable) const {
    const PartialRequest& request = self.request_;
    const auto of = [&](const PartialUid& uid) -> Partial {
      if (uid.uid != nullptr) return value_of(Value::entity(uid.uid));
      return unknown(variable);
    };
    switch (variable) {
      case Variable::kPrincipal: return of(request.principal);
      case Variable::kAction: return value_of(Value::entity(request.action));
      case Variable::kResource: return of(request.resource);
      case Variable::kContext: break;
    }
    return request.context ? value_of(*request.context) : unknown(variable);
  }

  Partial unknown(Variable variable) const {
    return {.expr = &at, .knowledge = {self.type_of(variable), true}};
  }

  /// For nodes that evaluate all their children, in order: an error counts once nothing before it
  /// can err differently. Nothing means that some child is open, or errs behind one that might.
  std::optional<Partial> settle(std::span<const Partial> children) const {
    bool is_certain = true;
    bool is_open = false;
    for (const Partial& child : children) {
      if (child.is_error() && is_certain) return error_of(*child.error, at);
      if (child.is_value()) continue;
      is_open = true;
      is_certain = is_certain && child.is_open() && child.knowledge.is_total;
    }
    if (is_open) return std::nullopt;
    return Partial{};
  }

  /// The node made anew of its children.
  template <typename Make>
  Partial strict(std::span<const Partial> children, Make make) const {
    const auto settled = settle(children);
    if (settled && settled->is_error()) return *settled;
    const Expr::Node node = make();
    return settled ? self.fold(node, at) : self.open(node, children, at.span);
  }

  const Expr* expr_of(const Partial& partial) const { return self.expr_of(partial, at.span); }

  Partial operator()(const UnaryExpr& e) const {
    const std::array child = {self.evaluate(*e.argument)};
    return strict(child, [&] { return UnaryExpr{e.op, expr_of(child[0])}; });
  }

  Partial operator()(const BinaryExpr& e) const {
    const std::array children = {self.evaluate(*e.left), self.evaluate(*e.right)};
    return binary(e.op, children);
  }

  Partial binary(BinaryOp op, const std::array<Partial, 2>& children) const {
    const auto& [left, right] = children;
    if (const auto settled = settle(children); settled && settled->is_error()) return *settled;
    if (op == BinaryOp::kIn) {
      if (const auto decided = decide_in(children)) return *decided;
    } else if (op == BinaryOp::kGetTag || op == BinaryOp::kHasTag) {
      if (const auto decided = decide_tag(op, children)) return *decided;
    } else if (op == BinaryOp::kEqual || op == BinaryOp::kNotEqual) {
      if (are_unequal(left, right)) return value_of(op == BinaryOp::kNotEqual);
    }
    return strict(children, [&] { return BinaryExpr{op, expr_of(left), expr_of(right)}; });
  }

  /// Whether the types alone tell that both have values and these differ.
  bool are_unequal(const Partial& left, const Partial& right) const {
    if (left.is_value() && right.is_value()) return false;
    const Knowledge a = self.knowledge_of(left), b = self.knowledge_of(right);
    return a.is_total && b.is_total && a.type != nullptr && b.type != nullptr &&
           are_disjoint(*a.type, *b.type);
  }

  /// What types and partly known entities tell of `left in right`; nothing where it is to be
  /// folded, or stays open as it is.
  std::optional<Partial> decide_in(const std::array<Partial, 2>& children) const {
    const Knowledge left = self.knowledge_of(children[0]);
    const Knowledge right = self.knowledge_of(children[1]);
    if (!left.is(Kind::kEntity) || !right.is_total) return std::nullopt;
    if (children[1].is_value()) {
      const auto groups = groups_of(children[1].value);
      if (groups) return decide_in_groups(children[0], left, children[1], *groups);
      return std::nullopt;
    }
    const Type* group = group_type(right);
    if (!left.is_total || group == nullptr) return std::nullopt;
    if (self.typing_.may_be_in(left.type->entity_type, group->entity_type)) {
      if (children[0].is_value()) return open_in(children[0], children[1]);
      return std::nullopt;
    }
    return value_of(false);
  }

  std::optional<Partial> decide_in_groups(const Partial& member, const Knowledge& knowledge,
                                          const Partial& right,
                                          std::vector<const EntityUid*> groups) const {
    if (member.is_value()) {
      const EntityUid& uid = member.value.as_entity();
      if (self.is_known(uid, Part::kAncestors)) return std::nullopt;
      if (std::ranges::any_of(groups, [&](const auto* g) { return self.is_surely_in(uid, *g); })) {
        return value_of(true);
      }
    }
    const std::size_t count = groups.size();
    std::erase_if(groups, [&](const EntityUid* group) {
      return !self.typing_.may_be_in(knowledge.type->entity_type, group->type);
    });
    if (groups.empty() && knowledge.is_total) return value_of(false);
    if (groups.empty() || (groups.size() == count && !member.is_value())) return std::nullopt;
    if (groups.size() == count) return open_in(member, right);
    if (groups.size() == 1) return open_in(member, value_of(Value::entity(groups.front())));
    std::vector<Value> members;
    for (const EntityUid* group : groups) members.push_back(Value::entity(group));
    return open_in(member, value_of(make_set(self.arena_, members)));
  }

  /// `member in group`, to be known only when the hierarchy is.
  Partial open_in(const Partial& member, const Partial& group) const {
    const std::array children = {member, group};
    return self.open(BinaryExpr{BinaryOp::kIn, expr_of(member), expr_of(group)}, children, at.span);
  }

  std::optional<Partial> decide_tag(BinaryOp op, const std::array<Partial, 2>& children) const {
    const auto& [target, key] = children;
    if (target.is_value() && key.is_value()) {
      if (!target.value.is(Kind::kEntity) || !key.value.is(Kind::kString) ||
          self.is_known(target.value.as_entity(), Part::kTags)) {
        return std::nullopt;
      }
    }
    const Knowledge left = self.knowledge_of(target), right = self.knowledge_of(key);
    if (op == BinaryOp::kHasTag && left.is_total_of(Kind::kEntity) &&
        right.is_total_of(Kind::kString)) {
      const EntityType* type = self.typing_.schema().find_entity_type(left.type->entity_type);
      if (type != nullptr && type->tags == nullptr && !target.is_value()) return value_of(false);
    }
    return self.open(BinaryExpr{op, expr_of(target), expr_of(key)}, children, at.span);
  }

  Partial operator()(const AndExpr& e) const { return chain<AndExpr>(e.operands, false); }
  Partial operator()(const OrExpr& e) const { return chain<OrExpr>(e.operands, true); }

  /// `decider` is what ends the chain: false for `&&`, true for `||`.
  template <typename Chain>
  Partial chain(std::span<const Expr* const> operands, bool decider) const {
    std::vector<const Expr*> kept;
    bool are_total = true;
    Partial last;
    for (const Expr* operand : operands) {
      Partial part = self.evaluate(*operand);
      if (part.is_value() && !part.value.is(Kind::kBool)) {
        part = not_a_bool(part.value, *operand, kept.empty() ? at : *as_operand(*operand));
      }
      if (part.is(!decider)) continue;
      if (kept.empty() && !part.is_open()) {
        return part.is_value() ? part : error_of(*part.error, at);
      }
      if (part.is_value() && are_total) return part;
      add_operand<Chain>(kept, expr_of(part));
      if (!part.is_open()) return chain_of<Chain>(kept, {self.typing_.of(Value::boolean(false))});
      are_total = are_total && part.knowledge.is_total_of(Kind::kBool);
      last = part;
    }
    if (kept.empty()) return value_of(!decider);
    if (kept.size() == 1 && last.knowledge.is(Kind::kBool)) return last;
    // Alone, an operand that is no Boolean would no longer err.
    if (kept.size() == 1) {
      kept.insert(kept.begin(), expr_of(value_of(!decider)));
      are_total = false;
    }
    return chain_of<Chain>(kept, {self.typing_.of(Value::boolean(false)), are_total});
  }

  /// An operand that is no Boolean, so that what is left of it errs as a Boolean would have to be.
  const Expr* as_operand(const Expr& operand) const {
    const std::array children = {expr_of(value_of(true)), &operand};
    return make_expr(self.arena_, AndExpr{self.arena_.copy(children)}, operand.span);
  }

  template <typename Chain>
  static void add_operand(std::vector<const Expr*>& kept, const Expr* operand) {
    if (const auto* inner = std::get_if<Chain>(&operand->node)) {
      kept.insert(kept.end(), inner->operands.begin(), inner->operands.end());
    } else {
      kept.push_back(operand);
    }
  }

  template <typename Chain>
  Partial chain_of(const std::vector<const Expr*>& operands, Knowledge knowledge) const {
    return {.expr = make_expr(self.arena_, Chain{self.arena_.copy(operands)}, at.span),
            .knowledge = knowledge};
  }

  Partial operator()(const IfExpr& e) const {
    const Partial condition = self.evaluate(*e.condition);
    if (condition.is_error()) return error_of(*condition.error, at);
    if (condition.is_value()) {
      if (!condition.value.is(Kind::kBool)) return not_a_bool(condition.value, *e.condition, at);
      return self.evaluate(condition.value.as_bool() ? *e.then_branch : *e.else_branch);
    }
    const std::array parts = {condition, self.evaluate(*e.then_branch),
                              self.evaluate(*e.else_branch)};
    if (parts[1].is_value() && parts[2].is_value()) {
      if (condition.knowledge.is_total_of(Kind::kBool) && parts[1].value == parts[2].value) {
        return parts[1];
      }
      if (condition.knowledge.is(Kind::kBool) && parts[1].is(true) && parts[2].is(false)) {
        return condition;
      }
    }
    return self.open(IfExpr{condition.expr, expr_of(parts[1]), expr_of(parts[2])}, parts, at.span);
  }

  Partial operator()(const GetAttr& e) const {
    const std::array target = {self.evaluate(*e.target)};
    if (target[0].is_value() && target[0].value.is(Kind::kEntity) &&
        !self.is_known(target[0].value.as_entity(), Part::kAttributes)) {
      return self.open(GetAttr{expr_of(target[0]), e.name}, target, at.span);
    }
    if (target[0].is_open() && target[0].knowledge.is_total) {
      if (const auto* record = std::get_if<RecordExpr>(&target[0].expr->node)) {
        for (const RecordEntry& entry : record->entries) {
          if (entry.name == e.name) return self.evaluate(*entry.value);
        }
      }
    }
    return strict(target, [&] { return GetAttr{expr_of(target[0]), e.name}; });
  }

  Partial operator()(const HasAttr& e) const {
    const std::array target = {self.evaluate(*e.target)};
    if (target[0].is_value()) return has_path(target[0].value, e.path);
    if (target[0].is_open() && lacks_path(target[0].knowledge, e)) return value_of(false);
    return strict(target, [&] { return HasAttr{expr_of(target[0]), e.path}; });
  }

  /// Follows the path as far as the entities on it are known.
  Partial has_path(Value value, std::span<const std::string_view> path) const {
    while (!path.empty()) {
      if (value.is(Kind::kEntity) && !self.is_known(value.as_entity(), Part::kAttributes)) {
        const std::array target = {value_of(value)};
        const Knowledge knowledge = self.knowledge_of(target[0]);
        if (lacks_path(knowledge, {nullptr, path})) return value_of(false);
        return self.open(HasAttr{expr_of(target[0]), path}, target, at.span);
      }
      const std::array literal = {value_of(value)};
      const HasAttr step{expr_of(literal[0]), path.first(1)};
      const Partial has = self.fold(step, at);
      if (!has.is(true)) return has;
      value = self.fold(GetAttr{step.target, path.front()}, at).value;
      path = path.subspan(1);
    }
    return value_of(true);
  }

  /// Whether the schema rules out that the path is there, and that following it errs.
  bool lacks_path(const Knowledge& target, const HasAttr& e) const {
    const std::array children = {target};
    if (!self.typing_.of(e, children).is_total) return false;
    const Type* type = target.type;
    for (const std::string_view name : e.path) {
      if (type->kind == Kind::kEntity &&
          self.typing_.schema().find_entity_type(type->entity_type) == nullptr) {
        return false;
      }
      const Attribute* attribute = self.typing_.find_attribute(*type, name);
      if (attribute == nullptr) return true;
      type = attribute->type;
    }
    return false;
  }

  Partial operator()(const LikeExpr& e) const {
    const std::array target = {self.evaluate(*e.target)};
    return strict(target, [&] { return LikeExpr{expr_of(target[0]), e.segments}; });
  }

  Partial operator()(const IsExpr& e) const {
    const Partial target = self.evaluate(*e.target);
    if (target.is_error()) return error_of(*target.error, at);
    const Knowledge knowledge = self.knowledge_of(target);
    if (!knowledge.is(Kind::kEntity)) {
      const std::array children = {target};
      if (target.is_value()) return self.fold(IsExpr{expr_of(target), e.type, nullptr}, at);
      if (e.in == nullptr) {
        return self.open(IsExpr{target.expr, e.type, nullptr}, children, at.span);
      }
      const Expr* group = expr_of(self.evaluate(*e.in));
      return {.expr = make_expr(self.arena_, IsExpr{target.expr, e.type, group}, at.span),
              .knowledge = {self.typing_.of(Value::boolean(false))}};
    }
    const bool is_type = knowledge.type->entity_type == e.type;
    if (is_type && e.in != nullptr) {
      return binary(BinaryOp::kIn, {target, self.evaluate(*e.in)});
    }
    if (knowledge.is_total) return value_of(is_type);
    const std::array children = {target};
    return self.open(IsExpr{target.expr, e.type, nullptr}, children, at.span);
  }

  std::span<Partial> evaluate_all(std::span<const Expr* const> children) const {
    const std::span<Partial> parts = self.arena_.allocate<Partial>(children.size());
    for (std::size_t i = 0; i < parts.size(); ++i) parts[i] = self.evaluate(*children[i]);
    return parts;
  }

  std::span<const Expr* const> exprs_of(std::span<const Partial> parts) const {
    const std::span<const Expr*> exprs = self.arena_.allocate<const Expr*>(parts.size());
    for (std::size_t i = 0; i < parts.size(); ++i) exprs[i] = expr_of(parts[i]);
    return exprs;
  }

  Partial operator()(const SetExpr& e) const {
    const auto members = evaluate_all(e.members);
    return strict(members, [&] { return SetExpr{exprs_of(members)}; });
  }

  Partial operator()(const RecordExpr& e) const {
    const std::span<Partial> parts = self.arena_.allocate<Partial>(e.entries.size());
    for (std::size_t i = 0; i < parts.size(); ++i) parts[i] = self.evaluate(*e.entries[i].value);
    return strict(parts, [&] {
      const std::span<RecordEntry> entries = self.arena_.allocate<RecordEntry>(parts.size());
      for (std::size_t i = 0; i < parts.size(); ++i) {
        entries[i] = {e.entries[i].name, expr_of(parts[i])};
      }
      return RecordExpr{entries};
    });
  }

  Partial operator()(const ExtensionCall& e) const {
    const auto arguments = evaluate_all(e.arguments);
    return strict(arguments, [&] { return ExtensionCall{e.function, exprs_of(arguments)}; });
  }
};

PartialEvaluator::PartialEvaluator(const Schema& schema, const PartialRequest& request,
                                   const PartialEntities& entities, Arena& arena)
    : request_(request),
      entities_(entities),
      arena_(arena),
      typing_(schema, arena),
      stand_in_{request.principal.uid != nullptr ? request.principal.uid : &kNobody, request.action,
                request.resource.uid != nullptr ? request.resource.uid : &kNobody},
      evaluator_(stand_in_, entities.known, arena) {}

const Type* PartialEvaluator::type_of(Variable variable) const {
  switch (variable) {
    case Variable::kPrincipal: return typing_.entity(request_.principal.type);
    case Variable::kAction: return typing_.entity(request_.action->type);
    case Variable::kResource: return typing_.entity(request_.resource.type);
    case Variable::kContext: break;
  }
  if (request_.context) return typing_.of(*request_.context);
  const ActionType* action = typing_.schema().find_action(*request_.action);
  return action == nullptr ? nullptr : action->context;
}

Partial PartialEvaluator::evaluate(const Expr& expr) {
  return std::visit(Visitor{*this, expr}, expr.node);
}

Partial PartialEvaluator::fold(const Expr::Node& node, const Expr& at) {
  const Expr expr{node, at.span};
  auto value = evaluator_.evaluate(expr);
  if (value) return value_of(*value);
  return error_of(value.error(), at);
}

Partial PartialEvaluator::open(const Expr::Node& node, std::span<const Partial> children,
                               Span span) {
  const std::span<Knowledge> known = arena_.allocate<Knowledge>(children.size());
  for (std::size_t i = 0; i < known.size(); ++i) known[i] = knowledge_of(children[i]);
  return {.expr = make_expr(arena_, node, span), .knowledge = typing_.of(node, known)};
}

const Expr* PartialEvaluator::expr_of(const Partial& partial, Span span) {
  if (!partial.is_value()) return partial.expr;
  return make_expr(arena_, Literal{partial.value}, span);
}

Knowledge PartialEvaluator::knowledge_of(const Partial& partial) const {
  if (partial.is_open()) return partial.knowledge;
  if (partial.is_error()) return {};
  return {typing_.of(partial.value), true};
}

bool PartialEvaluator::is_known(const EntityUid& uid, Part part) const {
  for (const UnknownParts& unknown : entities_.unknown_parts) {
    if (!(*unknown.uid == uid)) continue;
    if (part == Part::kAttributes && unknown.attributes) return false;
    if (part == Part::kTags && unknown.tags) return false;
    if (part == Part::kAncestors && unknown.ancestors) return false;
  }
  const Entity* entity = entities_.known.find(uid);
  if (entity == nullptr) return is_known_not_to_exist(uid);
  if (part != Part::kAncestors || entities_.is_complete()) return true;
  // What an ancestor is in, this entity is in too.
  return std::ranges::all_of(entity->ancestors(), [&](const EntityUid* ancestor) {
    return entities_.known.find(*ancestor) != nullptr ? has_known_parents(*ancestor)
                                                      : is_known_not_to_exist(*ancestor);
  });
}

bool PartialEvaluator::is_known_not_to_exist(const EntityUid& uid) const {
  switch (entities_.others) {
    case PartialEntities::Others::kExistNot: return true;
    case PartialEntities::Others::kUnknown: break;
    case PartialEntities::Others::kOfOpenTypes:
      return !std::ranges::binary_search(entities_.open_types, uid.type);
  }
  return is_action_type(uid.type);
}

bool PartialEvaluator::has_known_parents(const EntityUid& uid) const {
  return std::ranges::none_of(entities_.unknown_parts, [&](const UnknownParts& unknown) {
    return unknown.ancestors && *unknown.uid == uid;
  });
}

bool PartialEvaluator::is_surely_in(const EntityUid& uid, const EntityUid& group) const {
  if (uid == group) return true;
  if (!has_known_parents(uid)) return false;
  const Entity* entity = entities_.known.find(uid);
  return entity != nullptr && entities_.known.has_ancestor(*entity, group);
}

}  // namespace wardlock::cedar
