#include "prover/invariant/subject_matter.h"

#include <algorithm>
#include <utility>

#include "cedar/evaluator/evaluator.h"

namespace wardlock::prover {
namespace {

using cedar::EntityUid;

bool may_be_among(std::string_view type, const Those& those, const cedar::Schema& schema) {
  if (!those.type.empty() && those.type != type) return false;
  if (those.in == nullptr || those.in->type == type) return true;
  const cedar::EntityType* declared = schema.find_entity_type(type);
  return declared != nullptr && declared->may_be_in(those.in->type);
}

bool may_be_among(std::string_view type, const std::vector<Those>& all,
                  const cedar::Schema& schema) {
  return std::ranges::any_of(all,
                             [&](const Those& each) { return may_be_among(type, each, schema); });
}

bool is_meant(const cedar::ActionType& action, const std::vector<NamedAction>& actions) {
  return actions.empty() || std::ranges::any_of(actions, [&](const NamedAction& each) {
           return *each.uid == *action.uid ||
                  std::ranges::any_of(action.ancestors,
                                      [&](const auto* group) { return *group == *each.uid; });
         });
}

const Formula* translate(const std::vector<Those>& all, cedar::Variable variable,
                         Conditions& conditions) {
  const TermId asked = conditions.variable(variable);
  const std::string_view type = conditions.term(asked).type.entity_type;
  std::vector<const Formula*> some;
  for (const Those& each : all) {
    if (!may_be_among(type, each, conditions.schema())) continue;
    some.push_back(each.in == nullptr
                       ? conditions.constant_formula(true)
                       : conditions.atom(Atom::Form::kIn, asked,
                                         conditions.constant(cedar::Value::entity(each.in))));
  }
  return conditions.row(Formula::Op::kOr, std::move(some));
}

bool is_among(const EntityUid& uid, const std::vector<Those>& all, const TriedQuestion& tried) {
  const cedar::EntityView entities = tried.entities();
  const cedar::Entity* entity = entities.find(uid);
  return std::ranges::any_of(all, [&](const Those& each) {
    if (!each.type.empty() && each.type != uid.type) return false;
    return each.in == nullptr || *each.in == uid ||
           (entity != nullptr && entities.has_ancestor(*entity, *each.in));
  });
}

}  // namespace

std::vector<cedar::RequestEnvironment> environments_of(const Sentence& sentence,
                                                       const cedar::Schema& schema) {
  std::vector<cedar::RequestEnvironment> out = cedar::environments_of(schema);
  std::erase_if(out, [&](const cedar::RequestEnvironment& each) {
    return !is_meant(*each.action, sentence.actions) ||
           !may_be_among(each.principal, sentence.who, schema) ||
           !may_be_among(each.resource, sentence.what, schema);
  });
  return out;
}

const Formula* translate_who(const Sentence& sentence, Conditions& conditions) {
  return translate(sentence.who, cedar::Variable::kPrincipal, conditions);
}

const Formula* translate_what(const Sentence& sentence, Conditions& conditions) {
  return translate(sentence.what, cedar::Variable::kResource, conditions);
}

bool speaks_of(const Sentence& sentence, const TriedQuestion& tried) {
  const cedar::ActionType* action = tried.snapshot->schema()->find_action(*tried.request.action);
  if (action == nullptr || !is_meant(*action, sentence.actions)) return false;
  if (!is_among(*tried.request.principal, sentence.who, tried)) return false;
  if (!is_among(*tried.request.resource, sentence.what, tried)) return false;
  cedar::Evaluator evaluator(tried.request, tried.entities(), *tried.arena);
  return std::ranges::all_of(sentence.provisos, [&](const Proviso& each) {
    const auto value = evaluator.evaluate(*each.body);
    // What cannot be evaluated exempts nobody.
    return !value || !value->is(cedar::Kind::kBool) || value->as_bool() != each.is_unless;
  });
}

}  // namespace wardlock::prover
