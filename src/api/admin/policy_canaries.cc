#include "api/admin/policy_canaries.h"

#include <fmt/format.h>

#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "api/admin/policies.h"
#include "api/admin/policy_drafts.h"
#include "api/admin/policy_json.h"
#include "api/admin/policy_shadows.h"
#include "api/admin/recoveries.h"
#include "call/members.h"

namespace wardlock::admin {
namespace {

using administration::PolicyChanges;
using administration::PolicyDeed;
using boost::json::object;

constexpr std::size_t kUsualCount = 50;
constexpr std::size_t kMostCount = 500;
constexpr std::int64_t kUsualTime = std::int64_t{24} * 3600 * 1000;
constexpr std::string_view kNumber = "number of a canary";

Answered<pap::CanaryStages::Wish> wish_in(const Asked& asked, const Body& body) {
  pap::CanaryStages::Wish wish;
  if (TRY(flag_in(body, "singleHanded"))) wish.cause = pap::ActivationCause::kSingleHanded;
  wish.part.locations = TRY(call::texts_in(body.members, "locations"));
  wish.part.callers = TRY(call::texts_in(body.members, "peps"));
  wish.part.actions = TRY(call::texts_in(body.members, "actions"));
  wish.limit = TRY(limit_in(body));
  wish.ends_ms = TRY(time_in(body, "endsAt")).value_or(asked.errand.now + kUsualTime);
  return wish;
}

}  // namespace

Answered<void> begin_canary(const Asked& asked, net::HttpResponse& response) {
  TRY_VOID(refuse_dry_run(asked));
  const Body body =
      TRY(read_body(asked.request, {"locations", "peps", "actions", "endsAt", "singleHanded",
                                    "mostDifferences", "mostPermille"}));
  const pap::CanaryStages::Wish wish = TRY(wish_in(asked, body));
  PolicyChanges* const changes = TRY(changes_for(asked, PolicyDeed::kActivate));
  TRY(view_of(asked, *changes));
  const auto begun = changes->canaries.begin(mandate_of(asked, body.reason), asked.id, wish);
  if (!begun) return std::unexpected(refusal_of(begun.error()));
  response.status = 201;
  response.headers.add("Location", fmt::format("{}/admin/v1/policies/canaries/{}",
                                               asked.errand.base_url, begun->number));
  write_json(to_json(*begun), response);
  return {};
}

Answered<void> list_canaries(const Asked& asked, net::HttpResponse& response) {
  PolicyChanges* const changes = TRY(changes_for(asked, PolicyDeed::kRead));
  const std::uint64_t before =
      TRY(asked.number("before", 0, std::numeric_limits<std::int64_t>::max()));
  const std::size_t count = TRY(asked.number("count", kUsualCount, kMostCount));
  if (count == 0) return invalid("`count` must be at least 1: a page of nothing never ends");
  const auto found = TRY(changes->canaries.history(place_of(asked, *changes), before, count));
  boost::json::array items;
  for (const pap::CanaryStage& each : found) items.push_back(to_json(each));
  object out{{"items", std::move(items)}};
  if (found.size() == count && found.back().number > 1) out["next"] = found.back().number;
  write_json(std::move(out), response);
  return {};
}

Answered<void> read_canary(const Asked& asked, net::HttpResponse& response) {
  PolicyChanges* const changes = TRY(changes_for(asked, PolicyDeed::kRead));
  const std::uint64_t number = TRY(number_of_path(asked, kNumber));
  write_json(to_json(TRY(changes->canaries.view(place_of(asked, *changes), number))), response);
  return {};
}

Answered<void> download_canary(const Asked& asked, net::HttpResponse& response) {
  PolicyChanges* const changes = TRY(changes_for(asked, PolicyDeed::kRead));
  const std::uint64_t number = TRY(number_of_path(asked, kNumber));
  const auto view = TRY(changes->canaries.view(place_of(asked, *changes), number));
  response.content_type = "application/octet-stream";
  response.body = TRY(changes->canaries.bundle(view.stage));
  return {};
}

Answered<void> stop_canary(const Asked& asked, net::HttpResponse& response) {
  TRY_VOID(refuse_dry_run(asked));
  const Body body = TRY(read_body(asked.request, {}));
  PolicyChanges* const changes = TRY(changes_for(asked, PolicyDeed::kRollBack));
  const std::uint64_t number = TRY(number_of_path(asked, kNumber));
  const auto stopped =
      changes->canaries.stop(mandate_of(asked, body.reason), changes->environment, number);
  if (!stopped) return std::unexpected(refusal_of(stopped.error()));
  write_json(to_json(*stopped), response);
  return {};
}

}  // namespace wardlock::admin
