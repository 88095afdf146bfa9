#include "administration/own_policies.h"

#include <fmt/format.h>

#include "administration/approval_rule.h"
#include "administration/question.h"
#include "directory/registry/control_plane.h"
#include "pdp/access.h"

namespace wardlock::administration {
namespace {

boost::json::array all_roles() {
  boost::json::array roles;
  for (const directory::ControlPlaneRole& role : directory::kControlPlaneRoles) {
    roles.push_back({{"type", "Wardlock::Role"}, {"id", role.name}});
  }
  return roles;
}

/// The question must be one that can be decided, whoever asks it.
Result<void> check_question(const pdp::Snapshot& policies, std::string_view deed,
                            const pdp::DescribedEntity& resource,
                            const boost::json::object& context) {
  const boost::json::object person{{"kind", "person"}, {"roles", all_roles()}};
  const pdp::Caller caller = pdp::Caller::unrestricted("wardlock");
  const pdp::AccessRequest question{
      .principal = {.type = kThingType, .id = "a", .properties = &person},
      .action = deed,
      .resource = resource,
      .context = &context,
      .grant = {},
      .caller = &caller};
  const auto answer = pdp::is_allowed(policies, question, 0);
  if (answer) return {};
  return fail(ErrorCode::kFailedPrecondition,
              fmt::format("the policies of administration cannot be asked about `{}`: {}; keep the "
                          "types and actions of policies/wardlock",
                          deed, answer.error().message));
}

Result<void> check_deed(const pdp::Snapshot& policies, Deed deed) {
  const boost::json::object thing{{"kind", "person"}, {"roles", all_roles()}};
  const boost::json::object kind{{"kind", "person"}};
  const bool is_of_kind = deed == Deed::kCreate || deed == Deed::kImport;
  return check_question(policies, to_string(deed),
                        is_of_kind ? pdp::DescribedEntity{kKindType, "person", &kind}
                                   : pdp::DescribedEntity{kThingType, "b", &thing},
                        sample_context(deed));
}

Result<void> check_deed(const pdp::Snapshot& policies, ClientDeed deed) {
  const boost::json::object client{
      {"roles", all_roles()}, {"administers", true}, {"isAsker", false}};
  return check_question(policies, to_string(deed), {kClientType, kAnyClient, &client}, {});
}

Result<void> check_deed(const pdp::Snapshot& policies, PolicyDeed deed) {
  const boost::json::object none;
  return check_question(policies, to_string(deed), {kPolicySetType, "production", &none},
                        policy_context(deed, "policy"));
}

/// The approvals must be there to be asked for.
Result<void> check_approvals(const pdp::Snapshot& policies) {
  const auto needs = needed_approvals(policies, {}, false, 0);
  if (needs) return {};
  return fail(ErrorCode::kFailedPrecondition,
              fmt::format("the policies of administration cannot be asked about `{}`: {}; keep the "
                          "types and actions of policies/wardlock",
                          kNeedApproval, needs.error().message));
}

}  // namespace

pdp::Sources own_policies() {
  pdp::Sources sources;
  for (const PolicyFile& file : own_policy_files()) {
    auto& kind = file.name.ends_with(".cedarschema") ? sources.schemas : sources.policies;
    kind.push_back({std::string(file.name), std::string(file.text)});
  }
  return sources;
}

Result<std::shared_ptr<const pdp::Snapshot>> build_policies(const pdp::Sources& sources) {
  auto built = TRY(pdp::build_snapshot(sources, {.is_schema_required = true,
                                                 .unknown_annotations = Severity::kError,
                                                 .invalid_policies = Severity::kError}));
  for (std::size_t i = 0; i < kDeeds; ++i) TRY_VOID(check_deed(*built, static_cast<Deed>(i)));
  for (std::size_t i = 0; i < kClientDeeds; ++i) {
    TRY_VOID(check_deed(*built, static_cast<ClientDeed>(i)));
  }
  for (std::size_t i = 0; i < kPolicyDeeds; ++i) {
    TRY_VOID(check_deed(*built, static_cast<PolicyDeed>(i)));
  }
  TRY_VOID(check_approvals(*built));
  return built;
}

}  // namespace wardlock::administration
