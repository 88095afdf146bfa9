#include "administration/own_policies.h"

#include <fmt/format.h>

#include "administration/question.h"
#include "directory/registry/control_plane.h"
#include "pdp/access.h"

namespace wardlock::administration {
namespace {

/// A question with that deed must be one that can be decided, whoever asks it.
Result<void> check_deed(const pdp::Snapshot& policies, Deed deed) {
  boost::json::array roles;
  for (const directory::ControlPlaneRole& role : directory::kControlPlaneRoles) {
    roles.push_back({{"type", "Wardlock::Role"}, {"id", role.name}});
  }
  const boost::json::object person{{"kind", "person"}, {"roles", roles}};
  const boost::json::object kind{{"kind", "person"}};
  const pdp::Caller caller = pdp::Caller::unrestricted("wardlock");
  const boost::json::object context = sample_context(deed);
  const bool is_of_kind = deed == Deed::kCreate || deed == Deed::kImport;
  const pdp::AccessRequest question{
      .principal = {.type = kThingType, .id = "a", .properties = &person},
      .action = to_string(deed),
      .resource = is_of_kind ? pdp::DescribedEntity{kKindType, "person", &kind}
                             : pdp::DescribedEntity{kThingType, "b", &person},
      .context = &context,
      .grant = {},
      .caller = &caller};
  const auto answer = pdp::is_allowed(policies, question, 0);
  if (answer) return {};
  return fail(ErrorCode::kFailedPrecondition,
              fmt::format("the policies of administration cannot be asked about `{}`: {}; keep the "
                          "types and actions of policies/wardlock",
                          to_string(deed), answer.error().message));
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
  return built;
}

}  // namespace wardlock::administration
