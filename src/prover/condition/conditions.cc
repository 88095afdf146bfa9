#include "prover/condition/conditions.h"

#include <fmt/format.h>

#include <utility>

#include "cedar/ast/names.h"
#include "cedar/ast/policy_text.h"
#include "cedar/validator/near_names.h"

namespace wardlock::prover {
namespace {

using cedar::Kind;
using cedar::Variable;

std::string_view name_of(Variable variable) {
  switch (variable) {
    case Variable::kPrincipal: return "principal";
    case Variable::kAction: return "action";
    case Variable::kResource: return "resource";
    case Variable::kContext: return "context";
  }
  return "";
}

TermType type_of(const cedar::Type& type) {
  return {.kind = type.kind, .entity_type = type.entity_type, .type = &type};
}

/// The schema says that the application knows it, and the directory does not.
bool is_applications(const cedar::Attribute& attribute) {
  return cedar::find_annotation(attribute.annotations, "source") == "request";
}

bool is_same_entity_type(const TermType& a, const TermType& b) {
  return a.entity_type.empty() || b.entity_type.empty() || a.entity_type == b.entity_type;
}

std::string text_of(Atom::Form form, const Term& left, const Term& right, std::string_view name) {
  switch (form) {
    case Atom::Form::kTrue: return left.text;
    case Atom::Form::kEqual: return fmt::format("{} == {}", left.text, right.text);
    case Atom::Form::kLess: return fmt::format("{} < {}", left.text, right.text);
    case Atom::Form::kLessEqual: return fmt::format("{} <= {}", left.text, right.text);
    case Atom::Form::kIn: return fmt::format("{} in {}", left.text, right.text);
    case Atom::Form::kHas: return fmt::format("{} has {}", left.text, cedar::attribute_text(name));
    case Atom::Form::kHasTag: return fmt::format("{}.hasTag({})", left.text, right.text);
    case Atom::Form::kContains: return fmt::format("{}.contains({})", left.text, right.text);
    case Atom::Form::kIsEmpty: return fmt::format("{}.isEmpty()", left.text);
  }
  return {};
}

}  // namespace

Conditions::Conditions(const cedar::Schema& schema, const cedar::RequestEnvironment& environment,
                       EntitiesAre entities_are)
    : schema_(schema), environment_(environment), entities_are_(entities_are) {
  for (const Variable each :
       {Variable::kPrincipal, Variable::kResource, Variable::kAction, Variable::kContext}) {
    variable(each);
  }
}

Assumptions Conditions::start() const {
  Assumptions out;
  out.reserve(atoms_.size());
  for (const Atom& atom : atoms_) out.push_back(atom.possible);
  return out;
}

TermId Conditions::intern(Term term) {
  const auto [it, is_new] = term_index_.try_emplace(term.text, static_cast<TermId>(terms_.size()));
  if (is_new) terms_.push_back(std::move(term));
  return it->second;
}

TermId Conditions::variable(Variable variable) {
  Term term{.form = Term::Form::kVariable, .variable = variable};
  term.text = name_of(variable);
  switch (variable) {
    case Variable::kPrincipal:
      term.type = {.kind = Kind::kEntity, .entity_type = environment_.principal};
      break;
    case Variable::kResource:
      term.type = {.kind = Kind::kEntity, .entity_type = environment_.resource};
      break;
    case Variable::kContext: term.type = type_of(*environment_.action->context); break;
    case Variable::kAction: return constant(cedar::Value::entity(environment_.action->uid));
  }
  return intern(std::move(term));
}

TermId Conditions::constant(const cedar::Value& value) {
  Term term{.form = Term::Form::kConstant, .value = value};
  term.type.kind = value.kind();
  if (value.is(Kind::kEntity)) term.type.entity_type = value.as_entity().type;
  term.text = cedar::to_text(value);
  return intern(std::move(term));
}

const cedar::Attribute* Conditions::find_attribute(const TermType& of,
                                                   std::string_view name) const {
  if (of.is_entity()) {
    const cedar::EntityType* type = schema_.find_entity_type(of.entity_type);
    return type != nullptr ? type->shape->find_attribute(name) : nullptr;
  }
  return of.is_record() && of.type != nullptr ? of.type->find_attribute(name) : nullptr;
}

TermId Conditions::attribute(TermId of, std::string_view name) {
  Term term{.form = Term::Form::kAttribute, .of = of, .name = name};
  const cedar::Attribute* declared = find_attribute(terms_[of].type, name);
  if (declared != nullptr) term.type = type_of(*declared->type);
  term.text = cedar::is_identifier(name)
                  ? fmt::format("{}.{}", terms_[of].text, name)
                  : fmt::format("{}[{}]", terms_[of].text, cedar::quote(name));
  return intern(std::move(term));
}

TermId Conditions::tag(TermId of, TermId key) {
  Term term{.form = Term::Form::kTag, .of = of, .key = key};
  const cedar::EntityType* type = schema_.find_entity_type(terms_[of].type.entity_type);
  if (type != nullptr && type->tags != nullptr) term.type = type_of(*type->tags);
  term.text = fmt::format("{}.getTag({})", terms_[of].text, terms_[key].text);
  return intern(std::move(term));
}

TermId Conditions::other(const cedar::Expr& expr, std::vector<TermId> parts, bool is_partial,
                         std::optional<cedar::Kind> kind) {
  Term term{.form = Term::Form::kOther, .parts = std::move(parts), .expr = &expr};
  term.is_partial = is_partial;
  term.type.kind = kind;
  // What came as JSON may have no text; then it is like nothing else.
  const auto text = cedar::to_text(expr);
  const bool is_call = std::holds_alternative<cedar::ExtensionCall>(expr.node);
  term.text = !text     ? fmt::format("({})", static_cast<const void*>(&expr))
              : is_call ? *text
                        : fmt::format("({})", *text);
  return intern(std::move(term));
}

bool Conditions::is_required_of_entity(TermId of, std::string_view name) const {
  const TermType& type = terms_[of].type;
  const cedar::Attribute* declared = type.is_entity() ? find_attribute(type, name) : nullptr;
  return declared != nullptr && declared->is_required && !is_applications(*declared);
}

bool Conditions::shows_entity(const Access& access) const {
  const TermType& type = terms_[access.of].type;
  if (!type.is_entity()) return false;
  if (access.is_tag) return true;
  const cedar::Attribute* declared = find_attribute(type, access.name);
  return declared != nullptr && !is_applications(*declared);
}

void Conditions::collect(TermId id, Atom& atom) const {
  const Term& term = terms_[id];
  switch (term.form) {
    case Term::Form::kVariable:
    case Term::Form::kConstant: return;
    case Term::Form::kAttribute: {
      collect(term.of, atom);
      const TermType& of = terms_[term.of].type;
      const cedar::Attribute* declared = find_attribute(of, term.name);
      const bool is_there = of.is_record() ? declared != nullptr && declared->is_required
                                           : entities_are_ == EntitiesAre::kKnown &&
                                                 is_required_of_entity(term.of, term.name);
      if (!is_there) atom.accesses.push_back({.of = term.of, .name = term.name});
      return;
    }
    case Term::Form::kTag:
      collect(term.of, atom);
      collect(term.key, atom);
      atom.accesses.push_back({.of = term.of, .is_tag = true, .name = {}, .key = term.key});
      return;
    case Term::Form::kOther: break;
  }
  for (const TermId part : term.parts) collect(part, atom);
  atom.is_partial = atom.is_partial || term.is_partial;
}

bool Conditions::may_be_in(TermId left, TermId right) const {
  const TermType& a = terms_[left].type;
  const TermType& b = terms_[right].type;
  if (is_same_entity_type(a, b)) return true;
  const cedar::EntityType* type = schema_.find_entity_type(a.entity_type);
  return type == nullptr || type->may_be_in(b.entity_type);
}

bool Conditions::is_flat(TermId left, TermId right) const {
  const std::string_view type = terms_[left].type.entity_type;
  if (type.empty() || type != terms_[right].type.entity_type) return false;
  const cedar::EntityType* declared = schema_.find_entity_type(type);
  return declared != nullptr && !declared->may_be_in(type);
}

/// Takes out what types rule out.
void Conditions::narrow(Atom& atom) const {
  const TermType& left = terms_[atom.left].type;
  const auto rule_out = [&](Outcomes outcome) { atom.possible = atom.possible.without(outcome); };
  if (atom.accesses.empty() && !atom.is_partial) rule_out(Outcomes::is_error());
  switch (atom.form) {
    case Atom::Form::kEqual:
      if (atom.left == atom.right) rule_out(Outcomes::is_false());
      if (left.is_entity() && !is_same_entity_type(left, terms_[atom.right].type)) {
        rule_out(Outcomes::is_true());
      }
      return;
    case Atom::Form::kIn:
      if (atom.left == atom.right) rule_out(Outcomes::is_false());
      if (!may_be_in(atom.left, atom.right)) rule_out(Outcomes::is_true());
      return;
    case Atom::Form::kHas: {
      const cedar::Attribute* declared = find_attribute(left, atom.name);
      const bool is_typed = left.is_entity() ? !left.entity_type.empty() : left.type != nullptr;
      if (declared == nullptr && is_typed) rule_out(Outcomes::is_true());
      const bool is_there = left.is_record() ? declared != nullptr && declared->is_required
                                             : entities_are_ == EntitiesAre::kKnown &&
                                                   is_required_of_entity(atom.left, atom.name);
      if (is_there) rule_out(Outcomes::is_false());
      return;
    }
    default: return;
  }
}

const Formula* Conditions::atom(Atom::Form form, TermId left, TermId right, std::string_view name) {
  // Of a type whose entities are never in one another, only the entity itself is in it.
  if (form == Atom::Form::kIn && is_flat(left, right)) form = Atom::Form::kEqual;
  Atom atom{.form = form, .left = left, .right = right, .name = name};
  atom.text = text_of(form, terms_[left], terms_[right], name);
  const auto it = atom_index_.find(atom.text);
  if (it != atom_index_.end()) return keep({.op = Formula::Op::kAtom, .atom = it->second});
  collect(left, atom);
  const bool is_binary =
      form != Atom::Form::kTrue && form != Atom::Form::kHas && form != Atom::Form::kIsEmpty;
  if (is_binary) collect(right, atom);
  narrow(atom);
  const auto id = static_cast<AtomId>(atoms_.size());
  atom_index_.emplace(atom.text, id);
  atoms_.push_back(std::move(atom));
  return keep({.op = Formula::Op::kAtom, .atom = id});
}

const Formula* Conditions::keep(Formula formula) {
  formulas_.push_back(std::move(formula));
  return &formulas_.back();
}

const Formula* Conditions::constant_formula(bool value) {
  return keep({.op = Formula::Op::kConstant, .value = value});
}

const Formula* Conditions::negation(const Formula* of) {
  return keep({.op = Formula::Op::kNot, .operands = {of}});
}

const Formula* Conditions::row(Formula::Op op, std::vector<const Formula*> operands) {
  if (operands.size() == 1) return operands.front();
  return keep({.op = op, .operands = std::move(operands)});
}

const Formula* Conditions::branch(const Formula* condition, const Formula* then_branch,
                                  const Formula* else_branch) {
  return keep({.op = Formula::Op::kIf, .operands = {condition, then_branch, else_branch}});
}

}  // namespace wardlock::prover
