#include "pdp/acting.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <memory_resource>
#include <string_view>
#include <utility>
#include <vector>

#include "pdp/approved.h"
#include "pdp/consented.h"
#include "pdp/entity_name.h"
#include "pdp/uniting.h"

namespace wardlock::pdp {
namespace {

using cedar::EntityUid;
using cedar::Field;
using cedar::Kind;
using cedar::Value;

constexpr std::string_view kActorKey = "actor";
constexpr std::string_view kOnBehalfOfKey = "onBehalfOf";

/// The context without the keys that are said of the principal alone, with room for more.
std::pmr::vector<Field> plain_fields(const Value& context, Arena& arena) {
  const auto present = context.as_record();
  std::pmr::vector<Field> fields(arena.resource());
  fields.reserve(present.size() + 1);
  std::ranges::copy_if(present, std::back_inserter(fields),
                       [](const Field& field) { return field.name != "approval"; });
  return fields;
}

/// Whether, and as what, the action says who acts or for whom.
class Naming {
 public:
  Naming(const Snapshot& snapshot, const EntityUid& action, std::string_view key) : key_(key) {
    if (snapshot.schema() == nullptr) return;
    const cedar::ActionType* const declared = snapshot.schema()->find_action(action);
    const cedar::Attribute* const attribute =
        declared == nullptr ? nullptr : declared->context->find_attribute(key);
    is_declared_ = attribute != nullptr;
    if (is_declared_) type_ = attribute->type;
  }

  bool is_declared() const { return is_declared_; }
  bool may_hold(const EntityUid& uid) const {
    return type_ == nullptr || !is_entity() || type_->entity_type == uid.type;
  }
  Field field(const EntityUid& uid, Arena& arena) const {
    if (type_ == nullptr || is_entity()) return {key_, Value::entity(&uid)};
    std::array<Field, 2> name = {
        {{"id", Value::string(uid.id)}, {"type", Value::string(uid.type)}}};
    return {key_, cedar::make_record(arena, name)};
  }

 private:
  bool is_entity() const { return type_->kind == Kind::kEntity; }

  std::string_view key_;
  bool is_declared_ = true;
  const cedar::Type* type_ = nullptr;  ///< null: there is no schema, or it is not declared
};

/// The context with the key, where the action declares it. Nothing: for others.
std::optional<Value> with_name(const Naming& naming, std::pmr::vector<Field> fields,
                               const EntityUid& uid, Arena& arena) {
  if (naming.is_declared()) {
    if (!naming.may_hold(uid)) return std::nullopt;
    fields.push_back(naming.field(uid, arena));
  }
  return cedar::make_record(arena, fields);
}

std::optional<cedar::Request> acted_request(const Snapshot& snapshot, const Question& question,
                                            const EntityUid& actor, Arena& arena) {
  cedar::Request request = question.request;
  const auto present = request.context.as_record();
  std::pmr::vector<Field> fields(present.begin(), present.end(), arena.resource());
  const Naming naming(snapshot, *request.action, kActorKey);
  const auto context = with_name(naming, std::move(fields), actor, arena);
  if (!context) return std::nullopt;
  request.context = *context;
  return request;
}

std::optional<cedar::Request> actors_request(const Snapshot& snapshot, const Question& question,
                                             const EntityUid& actor, Arena& arena) {
  cedar::Request request = question.request;
  const Naming naming(snapshot, *request.action, kOnBehalfOfKey);
  const auto context =
      with_name(naming, plain_fields(request.context, arena), *question.request.principal, arena);
  if (!context) return std::nullopt;
  request.principal = &actor;
  request.context = *context;
  request.context = with_consent(snapshot, request, question.entities, question.now, arena).context;
  const Approval* const approval = find_approval(snapshot, request, question.now);
  if (approval != nullptr) request.context = with_approval(request.context, *approval, arena);
  return request;
}

}  // namespace

bool may_act(const Snapshot& snapshot, const Question& question, const Acting& acting) {
  return acting.actor != nullptr && may_ask(snapshot, *acting.actor, question.request);
}

std::optional<cedar::Request> request_of(ActingPart part, const Snapshot& snapshot,
                                         const Question& question, const Acting& acting,
                                         Arena& arena) {
  switch (part) {
    case ActingPart::kPrincipal: return question.request;
    case ActingPart::kPrincipalActed:
      return acted_request(snapshot, question, *acting.actor, arena);
    case ActingPart::kActor: return actors_request(snapshot, question, *acting.actor, arena);
  }
  return std::nullopt;
}

ActingVerdict decide_acting(const Snapshot& snapshot, const Question& question,
                            const Acting& acting, Arena& arena, cedar::StepBudget& budget) {
  if (acting.actor == nullptr || snapshot.entities.find(*acting.actor) == nullptr) {
    return {.verdict = {.cause = Cause::kActorUnknown}};
  }
  constexpr ActingVerdict kNotApplicable{.verdict = {.cause = Cause::kActorNotApplicable}};
  if (!may_act(snapshot, question, acting)) return kNotApplicable;
  Uniting uniting(snapshot, question, arena, budget);
  using enum ActingPart;
  for (const ActingPart part : {kPrincipal, kPrincipalActed, kActor}) {
    const auto request = request_of(part, snapshot, question, acting, arena);
    if (!request) return kNotApplicable;
    const Verdict verdict = uniting.decide(*request->principal, request->context);
    if (!verdict.is_allowed) return {.verdict = verdict, .denied_part = part};
  }
  return {.verdict = uniting.take()};
}

}  // namespace wardlock::pdp
