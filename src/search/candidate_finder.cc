#include <algorithm>
#include <array>

#include "search/candidates.h"

namespace wardlock::search {

using cedar::AttributePath;
using cedar::BinaryOp;
using cedar::EntityUid;
using cedar::Kind;
using cedar::Relation;

namespace {

bool is_one_of(const std::vector<std::string_view>& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

/// The members of `[a, b]`, where a set is written like that.
const cedar::SetExpr* as_set_expr(const cedar::Expr& expr) {
  return std::get_if<cedar::SetExpr>(&expr.node);
}

}  // namespace

CandidateFinder::CandidateFinder(const cedar::TypeIndex& index, std::string_view type,
                                 const Unknown& unknown, const cedar::Request& request,
                                 const cedar::EntityView& entities, Arena& arena)
    : index_(index),
      type_(type),
      unknown_(unknown),
      request_(request),
      entities_(entities),
      evaluator_(request, entities, arena) {}

Candidates CandidateFinder::of(const cedar::Policy& policy) {
  const cedar::Template& body = *policy.body;
  const bool seeks_principal = unknown_.sought == cedar::Variable::kPrincipal;
  const auto& known = seeks_principal ? body.resource : body.principal;
  const auto* known_slot = seeks_principal ? policy.resource_slot : policy.principal_slot;
  const EntityUid& known_uid = seeks_principal ? *request_.resource : *request_.principal;
  if (!holds(known, known_slot, known_uid)) return {};
  const auto& sought = seeks_principal ? body.principal : body.resource;
  Candidates found =
      of_scope(sought, seeks_principal ? policy.principal_slot : policy.resource_slot);
  for (const cedar::Condition& condition : body.conditions) {
    found = fewer(std::move(found), that_give(*condition.body, !condition.is_unless));
  }
  return found;
}

Candidates CandidateFinder::of_scope(const cedar::ScopeConstraint& scope, const EntityUid* slot) {
  using Op = cedar::ScopeConstraint::Op;
  const EntityUid* uid = scope.entity != nullptr ? scope.entity : slot;
  switch (scope.op) {
    case Op::kAny: return Candidates::all();
    case Op::kEqual: return just(*uid);
    case Op::kIn: return in(*uid);
    case Op::kIs: return scope.type == type_ ? Candidates::all() : Candidates();
    case Op::kIsIn: return scope.type == type_ ? in(*uid) : Candidates();
  }
  return Candidates::all();
}

bool CandidateFinder::holds(const cedar::ScopeConstraint& scope, const EntityUid* slot,
                            const EntityUid& uid) const {
  using Op = cedar::ScopeConstraint::Op;
  const EntityUid* wanted = scope.entity != nullptr ? scope.entity : slot;
  switch (scope.op) {
    case Op::kAny: return true;
    case Op::kEqual: return uid == *wanted;
    case Op::kIn: return is_in(uid, *wanted);
    case Op::kIs: return uid.type == scope.type;
    case Op::kIsIn: return uid.type == scope.type && is_in(uid, *wanted);
  }
  return true;
}

bool CandidateFinder::is_in(const EntityUid& uid, const EntityUid& group) const {
  if (uid == group) return true;
  const cedar::Entity* entity = entities_.find(uid);
  return entity != nullptr && entities_.has_ancestor(*entity, group);
}

Candidates CandidateFinder::just(const EntityUid& uid) {
  return find({}, Relation::kIs, Value::entity(&uid));
}

Candidates CandidateFinder::in(const EntityUid& group) {
  return find({}, Relation::kIn, Value::entity(&group));
}

Candidates CandidateFinder::that_give(const Expr& expr, bool wanted) {
  if (const auto* both = std::get_if<cedar::AndExpr>(&expr.node)) {
    return of_operands(both->operands, wanted, wanted);
  }
  if (const auto* either = std::get_if<cedar::OrExpr>(&expr.node)) {
    return of_operands(either->operands, wanted, !wanted);
  }
  if (const auto* unary = std::get_if<cedar::UnaryExpr>(&expr.node)) {
    if (unary->op == cedar::UnaryOp::kNot) return that_give(*unary->argument, !wanted);
  }
  if (const auto* choice = std::get_if<cedar::IfExpr>(&expr.node)) return of_if(*choice, wanted);
  return of_leaf(expr, wanted);
}

/// A conjunction is true when all operands are, and false when one of them is; a disjunction is the
/// other way round.
Candidates CandidateFinder::of_operands(std::span<const Expr* const> operands, bool wanted,
                                        bool all_must) {
  Candidates found = all_must ? Candidates::all() : Candidates();
  for (const Expr* operand : operands) {
    Candidates of_this = that_give(*operand, wanted);
    if (all_must) {
      found = fewer(std::move(found), std::move(of_this));
    } else {
      found.add(std::move(of_this));
    }
  }
  return found;
}

Candidates CandidateFinder::of_if(const cedar::IfExpr& expr, bool wanted) {
  // A condition is looked at for both answers. One in another would be four times, and so on.
  if (is_in_condition_) return Candidates::all();
  is_in_condition_ = true;
  Candidates where_true = that_give(*expr.condition, true);
  Candidates where_false = that_give(*expr.condition, false);
  is_in_condition_ = false;
  Candidates found = fewer(std::move(where_true), that_give(*expr.then_branch, wanted));
  return found.add(fewer(std::move(where_false), that_give(*expr.else_branch, wanted)));
}

Candidates CandidateFinder::of_leaf(const Expr& expr, bool wanted) {
  if (is_known(expr)) {
    const auto value = evaluator_.evaluate(expr);
    const bool gives = value && value->is(Kind::kBool) && value->as_bool() == wanted;
    return gives ? Candidates::all() : Candidates();
  }
  if (const auto* binary = std::get_if<cedar::BinaryExpr>(&expr.node)) {
    const bool is_negated = binary->op == BinaryOp::kNotEqual;
    if (is_negated != wanted) return of_binary(*binary);
    return Candidates::all();
  }
  if (const auto* is = std::get_if<cedar::IsExpr>(&expr.node)) {
    return wanted ? of_is(*is) : Candidates::all();
  }
  if (const auto path = path_of(expr)) return find(*path, Relation::kIs, Value::boolean(wanted));
  return Candidates::all();
}

/// Those for which it may be true; for `!=`, false.
Candidates CandidateFinder::of_binary(const cedar::BinaryExpr& expr) {
  switch (expr.op) {
    case BinaryOp::kEqual:
    case BinaryOp::kNotEqual: return equal(*expr.left, *expr.right);
    case BinaryOp::kIn: return in(*expr.left, *expr.right);
    case BinaryOp::kContains: return contains(*expr.left, *expr.right);
    case BinaryOp::kContainsAny: return contains_any(*expr.left, *expr.right);
    case BinaryOp::kContainsAll: return contains_all(*expr.left, *expr.right);
    case BinaryOp::kLess:
    case BinaryOp::kLessEqual:
    case BinaryOp::kGreater:
    case BinaryOp::kGreaterEqual:
    case BinaryOp::kAdd:
    case BinaryOp::kSubtract:
    case BinaryOp::kMultiply:
    case BinaryOp::kGetTag:
    case BinaryOp::kHasTag: break;
  }
  return Candidates::all();
}

Candidates CandidateFinder::of_is(const cedar::IsExpr& expr) {
  if (!is_sought(*expr.target)) return Candidates::all();
  if (expr.type != type_) return {};
  return expr.in == nullptr ? Candidates::all() : in(*expr.target, *expr.in);
}

Candidates CandidateFinder::equal(const Expr& a, const Expr& b) {
  if (is_known(b) && !is_known(a)) {
    const auto path = path_of(a);
    if (!path) return Candidates::all();
    const auto value = evaluator_.evaluate(b);
    return value ? find(*path, Relation::kIs, *value) : Candidates();
  }
  return is_known(a) && !is_known(b) ? equal(b, a) : Candidates::all();
}

Candidates CandidateFinder::in(const Expr& member, const Expr& group) {
  if (const auto* groups = as_set_expr(group); groups != nullptr && !is_known(group)) {
    Candidates found;
    for (const Expr* each : groups->members) found.add(in(member, *each));
    return found;
  }
  if (is_known(group)) {
    const auto value = evaluator_.evaluate(group);
    if (!value) return {};
    if (is_known(member)) {  // one of several groups, which are not all known
      const auto uid = evaluator_.evaluate(member);
      const bool holds = uid && uid->is(Kind::kEntity) && value->is(Kind::kEntity) &&
                         is_in(uid->as_entity(), value->as_entity());
      return holds ? Candidates::all() : Candidates();
    }
    const auto path = path_of(member);
    if (!path) return Candidates::all();
    if (!value->is(Kind::kSet)) return find(*path, Relation::kIn, *value);
    Candidates found;
    for (const Value& each : value->as_set()) found.add(find(*path, Relation::kIn, each));
    return found;
  }
  const auto path = path_of(group);
  if (!path || !is_known(member)) return Candidates::all();
  const auto value = evaluator_.evaluate(member);
  return value ? known_in(*value, *path) : Candidates();
}

/// The group is the member, one of its ancestors, or a set with one of these.
Candidates CandidateFinder::known_in(const Value& member, const AttributePath& group) {
  if (!member.is(Kind::kEntity)) return {};
  Candidates found;
  const auto add = [&](const EntityUid& uid) {
    found.add(find(group, Relation::kIs, Value::entity(&uid)));
    if (!group.empty()) found.add(find(group, Relation::kContains, Value::entity(&uid)));
  };
  add(member.as_entity());
  const cedar::Entity* entity = entities_.find(member.as_entity());
  if (entity == nullptr) return found;
  for (const EntityUid* ancestor : entity->ancestors()) add(*ancestor);
  return found;
}

Candidates CandidateFinder::contains(const Expr& set, const Expr& member) {
  if (const auto* members = as_set_expr(set); members != nullptr && !is_known(set)) {
    Candidates found;
    for (const Expr* each : members->members) {
      if (!is_known(*each) || !is_known(member)) {
        found.add(equal(*each, member));
        continue;
      }
      const auto a = evaluator_.evaluate(*each), b = evaluator_.evaluate(member);
      if (a && b && *a == *b) return Candidates::all();
    }
    return found;
  }
  if (is_known(set)) {
    const auto path = path_of(member);
    if (!path) return Candidates::all();
    const auto value = evaluator_.evaluate(set);
    if (!value || !value->is(Kind::kSet)) return {};
    Candidates found;
    for (const Value& each : value->as_set()) found.add(find(*path, Relation::kIs, each));
    return found;
  }
  const auto path = path_of(set);
  if (!path || !is_known(member)) return Candidates::all();
  const auto value = evaluator_.evaluate(member);
  return value ? find(*path, Relation::kContains, *value) : Candidates();
}

Candidates CandidateFinder::contains_any(const Expr& a, const Expr& b) {
  if (is_known(a)) return is_known(b) ? Candidates::all() : contains_any(b, a);
  const auto path = path_of(a);
  if (!path || !is_known(b)) return Candidates::all();
  const auto value = evaluator_.evaluate(b);
  if (!value || !value->is(Kind::kSet)) return {};
  Candidates found;
  for (const Value& each : value->as_set()) found.add(find(*path, Relation::kContains, each));
  return found;
}

Candidates CandidateFinder::contains_all(const Expr& set, const Expr& members) {
  const auto path = path_of(set);
  if (!path || !is_known(members)) return Candidates::all();
  const auto value = evaluator_.evaluate(members);
  if (!value || !value->is(Kind::kSet)) return {};
  Candidates found = Candidates::all();
  for (const Value& each : value->as_set()) {
    found = fewer(std::move(found), find(*path, Relation::kContains, each));
  }
  return found;
}

Candidates CandidateFinder::find(const AttributePath& path, Relation relation, const Value& key) {
  return Candidates(index_.find(path, relation, key));
}

std::optional<AttributePath> CandidateFinder::path_of(const Expr& expr) {
  if (is_sought(expr)) return AttributePath();
  std::optional<AttributePath> path;
  if (const auto* get = std::get_if<cedar::GetAttr>(&expr.node)) {
    path = path_of(*get->target);
    if (path && !extend(*path, get->name, false)) return std::nullopt;
  } else if (const auto* binary = std::get_if<cedar::BinaryExpr>(&expr.node)) {
    if (binary->op != BinaryOp::kGetTag || !is_known(*binary->right)) return std::nullopt;
    const auto* literal = std::get_if<cedar::Literal>(&binary->right->node);
    if (literal == nullptr || !literal->value.is(Kind::kString)) return std::nullopt;
    path = path_of(*binary->left);
    if (path && !extend(*path, literal->value.as_string(), true)) return std::nullopt;
  }
  return path;
}

/// The index knows what is stored, not what the request says of an entity: attributes that it gives
/// to what is sought, anywhere on the path, and to the other one, who may be what a first step
/// leads to. (That the other one is itself what is sought needs no index: see `search`.)
bool CandidateFinder::extend(AttributePath& path, std::string_view name, bool is_tag) const {
  if (!is_tag && (is_one_of(unknown_.sought_properties, name) ||
                  (!path.empty() && is_one_of(unknown_.known_properties, name)))) {
    return false;
  }
  path.push_back({std::string(name), is_tag});
  return true;
}

bool CandidateFinder::is_sought(const Expr& expr) const {
  const auto* variable = std::get_if<cedar::Variable>(&expr.node);
  return variable != nullptr && *variable == unknown_.sought;
}

bool CandidateFinder::is_known(const Expr& expr) const {
  if (is_sought(expr)) return false;
  if (const auto* get = std::get_if<cedar::GetAttr>(&expr.node)) {
    if (is_one_of(unknown_.sought_properties, get->name)) return false;
  }
  if (const auto* has = std::get_if<cedar::HasAttr>(&expr.node)) {
    const auto varies = [&](std::string_view name) {
      return is_one_of(unknown_.sought_properties, name);
    };
    if (std::ranges::any_of(has->path, varies)) return false;
  }
  bool known = true;
  cedar::for_each_child(expr.node, [&](const Expr& child) { known = known && is_known(child); });
  return known;
}

}  // namespace wardlock::search
