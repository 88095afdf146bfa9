#include "api/admin/policy_shadows.h"

#include <fmt/format.h>

#include <limits>
#include <utility>

#include "api/admin/policies.h"
#include "api/admin/policy_drafts.h"
#include "api/admin/policy_json.h"
#include "api/admin/recoveries.h"

namespace wardlock::admin {
namespace {

using administration::PolicyChanges;
using administration::PolicyDeed;
using boost::json::object;

constexpr std::size_t kUsualCount = 50;
constexpr std::size_t kMostCount = 500;
constexpr std::uint64_t kMostDifferences = 1'000'000'000;
constexpr std::uint32_t kWhole = 1000;  // per mille
constexpr std::string_view kNumber = "number of a shadow";

/// A whole number from 0; nothing: it is not there.
Answered<std::optional<std::uint64_t>> most_in(const Body& body, std::string_view name,
                                               std::uint64_t most) {
  const codec::Json* const value = body.find(name);
  if (value == nullptr) return std::nullopt;
  if (value->is_int64() && value->get_int64() >= 0 &&
      static_cast<std::uint64_t>(value->get_int64()) <= most) {
    return static_cast<std::uint64_t>(value->get_int64());
  }
  Refusal refusal(Error{ErrorCode::kInvalidArgument,
                        fmt::format("`{}` must be a whole number from 0 to {}", name, most)});
  refusal.wrong.push_back({.pointer = fmt::format("#/{}", name), .detail = refusal.error.message});
  return std::unexpected(std::move(refusal));
}

}  // namespace

Answered<pap::DifferenceLimit> limit_in(const Body& body) {
  const auto count = TRY(most_in(body, "mostDifferences", kMostDifferences));
  const auto permille = TRY(most_in(body, "mostPermille", kWhole));
  if (!count && !permille) return pap::DifferenceLimit{.count = 0, .permille = kWhole};
  return pap::DifferenceLimit{.count = count.value_or(0),
                              .permille = static_cast<std::uint32_t>(permille.value_or(0))};
}

Answered<void> begin_shadow(const Asked& asked, net::HttpResponse& response) {
  TRY_VOID(refuse_dry_run(asked));
  const Body body = TRY(read_body(asked.request, {"mostDifferences", "mostPermille"}));
  const pap::DifferenceLimit limit = TRY(limit_in(body));
  PolicyChanges* const changes = TRY(changes_for(asked, PolicyDeed::kShadow));
  TRY(view_of(asked, *changes));
  const auto begun = changes->shadows.begin(mandate_of(asked, body.reason), asked.id, limit);
  if (!begun) return std::unexpected(refusal_of(begun.error()));
  response.status = 201;
  response.headers.add("Location", fmt::format("{}/admin/v1/policies/shadows/{}",
                                               asked.errand.base_url, begun->number));
  write_json(to_json(*begun), response);
  return {};
}

Answered<void> list_shadows(const Asked& asked, net::HttpResponse& response) {
  PolicyChanges* const changes = TRY(changes_for(asked, PolicyDeed::kRead));
  const std::uint64_t before =
      TRY(asked.number("before", 0, std::numeric_limits<std::int64_t>::max()));
  const std::size_t count = TRY(asked.number("count", kUsualCount, kMostCount));
  if (count == 0) return invalid("`count` must be at least 1: a page of nothing never ends");
  const auto found = TRY(changes->shadows.history(place_of(asked, *changes), before, count));
  boost::json::array items;
  for (const pap::ShadowStage& each : found) items.push_back(to_json(each));
  object out{{"items", std::move(items)}};
  if (found.size() == count && found.back().number > 1) out["next"] = found.back().number;
  write_json(std::move(out), response);
  return {};
}

Answered<void> read_shadow(const Asked& asked, net::HttpResponse& response) {
  PolicyChanges* const changes = TRY(changes_for(asked, PolicyDeed::kRead));
  const std::uint64_t number = TRY(number_of_path(asked, kNumber));
  write_json(to_json(TRY(changes->shadows.view(place_of(asked, *changes), number))), response);
  return {};
}

Answered<void> stop_shadow(const Asked& asked, net::HttpResponse& response) {
  TRY_VOID(refuse_dry_run(asked));
  const Body body = TRY(read_body(asked.request, {}));
  PolicyChanges* const changes = TRY(changes_for(asked, PolicyDeed::kShadow));
  const std::uint64_t number = TRY(number_of_path(asked, kNumber));
  const auto stopped =
      changes->shadows.stop(mandate_of(asked, body.reason), changes->environment, number);
  if (!stopped) return std::unexpected(refusal_of(stopped.error()));
  write_json(to_json(*stopped), response);
  return {};
}

}  // namespace wardlock::admin
