#include "administration/policy_gate.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "administration/question.h"
#include "codec/json.h"
#include "directory/registry/control_plane.h"
#include "directory/registry/told_event.h"

namespace wardlock::administration {
namespace {

using directory::Kind;
using directory::Relation;
using directory::Thing;

/// Devices through groups; they have no use of it, and who is in such a group is not touched
/// lightly.
constexpr directory::Kinds kHaveRoles = {Kind::kPerson, Kind::kService, Kind::kAgent, Kind::kGroup,
                                         Kind::kDevice};

/// For whom it is refused: what forbids it, or that nothing allows it.
std::string refusal(std::string_view deed, std::string_view plural,
                    const pdp::AccessDecision& decision) {
  if (!decision.reasons.empty()) return fmt::format("{}", fmt::join(decision.reasons, " "));
  return fmt::format("none of your roles allows `{}` with {}; docs/administration.md says which do",
                     deed, plural);
}

using Methods = std::vector<std::string_view>;

Methods methods_of(const AskerSignIn& sign_in) {
  return {sign_in.methods.begin(), sign_in.methods.end()};
}

/// How whoever asks signed in. Borrows both.
void add_sign_in(const AskerSignIn& sign_in, const Methods& methods, event::Event& event) {
  event.session = sign_in.session;
  event.authentication_level = sign_in.level;
  event.authentication_methods = methods;
  event.authentication_time = sign_in.at_ms;
}

}  // namespace

Result<void> PolicyGate::check(Deed deed, Kind kind) {
  const Target target{.type = kKindType,
                      .id = to_string(kind),
                      .plural = directory::schema_of(kind).plural,
                      .properties = {{"kind", to_string(kind)}},
                      .kind = kind};
  return ask(to_string(deed), target, sample_context(deed), {}, nullptr);
}

Result<void> PolicyGate::check(Deed deed, const Thing& thing) {
  if (deed == Deed::kSetState) return check_state(thing, {});
  return ask(to_string(deed), TRY(target_of(thing)), sample_context(deed), {}, nullptr);
}

Result<void> PolicyGate::check_state(const Thing& thing, std::string_view next) {
  return ask(to_string(Deed::kSetState), TRY(target_of(thing)), state_context(next), next, nullptr);
}

Result<void> PolicyGate::check(Deed deed, Relation relation, const Thing& subject,
                               const Thing& object) {
  Target target = TRY(target_of(subject));
  // Of whom it is said, it is said from either side.
  if (relation == Relation::kAccountOf && TRY(is_askers(object.id))) {
    target.properties["isAskers"] = true;
  }
  boost::json::array grants = TRY(grants_of(relation, object));
  return ask(to_string(deed), target, relation_context(to_string(relation), std::move(grants)),
             to_string(relation), &object);
}

/// Whoever answers gives no more than whoever assigns: what forbids that forbids this.
Result<void> PolicyGate::check_answer(const Thing& person, const Thing& role, bool by_owner,
                                      bool gives) {
  const Target target = TRY(target_of(person));
  const boost::json::array grants = TRY(grants_of(Relation::kRoleAssignment, role));
  TRY_VOID(
      ask(to_string(Deed::kAnswerRequest), target, answer_context(by_owner, grants), {}, &role));
  if (!gives) return {};
  const std::string_view relation = to_string(Relation::kRoleAssignment);
  boost::json::object context = relation_context(relation, grants);
  context["onRequest"] = true;
  return ask(to_string(Deed::kRelate), target, context, relation, &role);
}

Result<void> PolicyGate::check_approval(const Thing& person, const Thing& target,
                                        const ApprovalStanding& approval) {
  return ask(to_string(Deed::kAnswerApproval), TRY(target_of(person)), approval_context(approval),
             approval.action, &target);
}

/// What the service that it is will have counts, too: its tokens are the service's.
Result<void> PolicyGate::check(ClientDeed deed, const ClientStanding& client) {
  std::vector<std::string> roles;
  if (client.thing == parts_.asker.id) {
    roles = parts_.asker.roles;
  } else if (!client.thing.empty()) {
    roles = TRY(parts_.registry.control_plane_roles(parts_.mandate.tenant, client.thing,
                                                    directory::Reach::kEver));
  }
  Target target{.type = kClientType,
                .id = client.id.empty() ? kAnyClient : client.id,
                .plural = "OAuth clients",
                .properties = {{"roles", role_values(roles)},
                               {"administers", client.administers},
                               {"isAsker", client.thing == parts_.asker.id}}};
  if (!client.software_issuer.empty()) target.properties["softwareIssuer"] = client.software_issuer;
  return ask(to_string(deed), target, {}, {}, nullptr);
}

Result<void> PolicyGate::check(PolicyDeed deed, const PolicyStanding& policies) {
  const Target target{
      .type = kPolicySetType, .id = policies.environment, .plural = "policies", .properties = {}};
  return ask(to_string(deed), target, policy_context(deed, policies.meaning), policies.meaning,
             nullptr);
}

Result<void> PolicyGate::check_source(std::string_view source, bool is_its) {
  const Target target{.type = kSourceType,
                      .id = source,
                      .plural = "attribute sources",
                      .properties = {{"isAsker", is_its}}};
  return ask(kTellAttributes, target, {}, {}, nullptr);
}

/// Whoever asks is the same in both places of a question. Of others those roles count, too, that
/// they will have.
Result<boost::json::array> PolicyGate::roles_of(const Thing& thing) {
  if (thing.id == parts_.asker.id) return role_values(parts_.asker.roles);
  if (!kHaveRoles.contains(thing.kind)) return boost::json::array();
  const std::vector<std::string> roles = TRY(parts_.registry.control_plane_roles(
      parts_.mandate.tenant, thing.id, directory::Reach::kEver));
  return role_values(roles);
}

/// Who gets into a group gets what it has.
Result<boost::json::array> PolicyGate::grants_of(Relation relation, const Thing& object) {
  if (relation == Relation::kMembership) return roles_of(object);
  const std::string_view role = directory::control_plane_role_of(object);
  if (role.empty()) return boost::json::array();
  const std::string name(role);
  return role_values({&name, 1});
}

Result<PolicyGate::Target> PolicyGate::target_of(const Thing& thing) {
  boost::json::array roles = TRY(roles_of(thing));
  Target target{.type = kThingType,
                .id = thing.id,
                .plural = directory::schema_of(thing.kind).plural,
                .properties = {{"kind", to_string(thing.kind)}, {"roles", std::move(roles)}},
                .kind = thing.kind};
  if (thing.kind == Kind::kGroup) target.properties["holdsAsker"] = TRY(holds_asker(thing.id));
  if (thing.kind == Kind::kPerson) target.properties["isAskers"] = TRY(is_askers(thing.id));
  return target;
}

Result<bool> PolicyGate::holds_asker(std::string_view group) {
  if (!own_groups_) {
    own_groups_.emplace();
    for (const std::string& account : *TRY(own_accounts())) {
      const auto groups = TRY(parts_.registry.groups_of(parts_.mandate.tenant, account));
      own_groups_->insert(own_groups_->end(), groups.begin(), groups.end());
    }
  }
  return std::ranges::find(*own_groups_, group) != own_groups_->end();
}

Result<const std::vector<std::string>*> PolicyGate::own_accounts() {
  if (!own_accounts_) {
    own_accounts_ = TRY(parts_.registry.accounts_of(parts_.mandate.tenant, parts_.asker.id));
  }
  return &*own_accounts_;
}

Result<bool> PolicyGate::is_askers(std::string_view person) {
  const std::vector<std::string>* const own = TRY(own_accounts());
  return std::ranges::find(*own, person) != own->end();
}

/// A bulk asks the same a thousand times over.
Result<void> PolicyGate::ask(std::string_view deed, const Target& target,
                             const boost::json::object& context, std::string_view changed,
                             const Thing* object) {
  const std::string question =
      fmt::format("{} {} {} {} {}", deed, target.id, codec::to_json_text(target.properties),
                  codec::to_json_text(context),
                  object == nullptr ? std::string_view() : std::string_view(object->id));
  const auto known = answers_.find(question);
  if (known != answers_.end()) return known->second;
  Result<void> answer = decide(deed, target, context, changed, object);
  const bool is_told = answer || answer.error().code == ErrorCode::kPermissionDenied;
  if (is_told) answers_.emplace(question, answer);
  return answer;
}

Result<void> PolicyGate::decide(std::string_view deed, const Target& target,
                                const boost::json::object& context, std::string_view changed,
                                const Thing* object) {
  const boost::json::object principal{
      {"kind", parts_.asker.is_anybody ? kAnybodyKind : to_string(parts_.asker.kind)},
      {"roles", role_values(parts_.asker.roles)}};
  const pdp::Caller caller = pdp::Caller::unrestricted(parts_.mandate.caller);
  const AskerSignIn* const sign_in = parts_.asker.sign_in;
  const auto methods = sign_in == nullptr ? Methods() : methods_of(*sign_in);
  const pdp::AccessRequest question{
      .principal = {.type = kThingType, .id = parts_.asker.id, .properties = &principal},
      .action = deed,
      .resource = {.type = target.type, .id = target.id, .properties = &target.properties},
      .context = &context,
      .grant = {},
      .caller = &caller,
      .authentication = pdp::Authentication{.level = sign_in == nullptr ? 0 : sign_in->level,
                                            .methods = methods}};
  Arena arena;
  const pdp::AccessDecision decision =
      TRY(pdp::decide(parts_.policies, question, parts_.now, arena));
  TRY_VOID(record(deed, target, decision, changed, object));
  if (decision.is_allowed) return {};
  if (sign_in != nullptr && decision.step_up) {
    wanted_level_ = std::max(wanted_level_.value_or(0), decision.step_up->level);
  }
  return fail(ErrorCode::kPermissionDenied, refusal(deed, target.plural, decision));
}

Result<void> PolicyGate::record(std::string_view deed, const Target& target,
                                const pdp::AccessDecision& decision, std::string_view changed,
                                const Thing* object) {
  const std::string id = parts_.new_id();
  event::Event event{
      .id = id,
      .time = parts_.now,
      .kind = event::Kind::kDecision,
      .outcome = decision.is_allowed ? event::Outcome::kSuccess : event::Outcome::kFailure,
      .record_class = "administration",
      .tenant = directory::event_tenant(parts_.mandate.tenant),
      .principal_type = parts_.mandate.actor_type,
      .principal_id = parts_.mandate.actor_id,
      .caller = parts_.mandate.caller,
      .source_address = parts_.mandate.source_address,
      .action = deed,
      .reason = parts_.mandate.reason,
      .decision_id = id,
      .allowed = decision.is_allowed,
      .cause = to_string(decision.cause),
      .policies = decision.policies,
      .policy_set = parts_.policies.policy_set(),
      .changed = changed};
  Methods methods;
  if (parts_.asker.sign_in != nullptr) {
    methods = methods_of(*parts_.asker.sign_in);
    add_sign_in(*parts_.asker.sign_in, methods, event);
  }
  if (object != nullptr) directory::name_in(event, object->kind, object->id);
  if (target.type == kThingType && target.kind) {
    directory::name_in(event, *target.kind, target.id);
  } else {
    event.resource_type = target.type;
    event.resource_id = target.id;
  }
  return parts_.tell(event);
}

}  // namespace wardlock::administration
