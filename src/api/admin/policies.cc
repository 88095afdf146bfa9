#include "api/admin/policies.h"

#include <fmt/format.h>

#include <charconv>
#include <limits>
#include <optional>
#include <utility>

#include "api/admin/policy_json.h"
#include "api/admin/recoveries.h"
#include "base/utf8.h"

namespace wardlock::admin {
namespace {

using administration::PolicyChanges;
using administration::PolicyDeed;
using boost::json::object;

constexpr std::size_t kUsualCount = 50;
constexpr std::size_t kMostCount = 500;

Answered<pap::Activation> activation_of(const Asked& asked, const PolicyChanges& changes) {
  const std::uint64_t serial = TRY(number_of_path(asked, "serial of an activation"));
  const auto found = TRY(changes.activations.history(place_of(asked, changes), serial + 1, 1));
  if (!found.empty() && found.front().serial == serial) return found.front();
  return refuse(404, ErrorCode::kNotFound, fmt::format("no activation has the serial {}", serial));
}

}  // namespace

Answered<PolicyChanges*> changes_for(const Asked& asked, PolicyDeed deed,
                                     std::string_view meaning) {
  PolicyChanges* const changes = asked.errand.policies;
  if (changes == nullptr) {
    return refuse(409, ErrorCode::kFailedPrecondition,
                  "the policies here are files: the configuration has no `policies.managed`");
  }
  TRY_VOID(
      asked.errand.gate.check(deed, {.environment = changes->environment, .meaning = meaning}));
  return changes;
}

pap::PolicyPlace place_of(const Asked& asked, const PolicyChanges& changes) {
  return {.tenant = asked.tenant(), .environment = changes.environment};
}

Answered<std::uint64_t> number_of_path(const Asked& asked, std::string_view what) {
  std::uint64_t number = 0;
  const char* const end = asked.id.data() + asked.id.size();
  const auto [rest, error] = std::from_chars(asked.id.data(), end, number);
  if (error == std::errc() && rest == end && number > 0 &&
      number <= std::numeric_limits<std::int64_t>::max()) {
    return number;
  }
  return refuse(404, ErrorCode::kNotFound, fmt::format("`{}` is no {}", printable(asked.id), what));
}

directory::Mandate mandate_of(const Asked& asked, const std::string& reason) {
  directory::Mandate mandate = asked.errand.mandate;
  if (!reason.empty()) mandate.reason = reason;
  return mandate;
}

Refusal refusal_of(const Error& error) {
  Refusal refusal(error);
  if (error.code == ErrorCode::kFailedPrecondition) refusal.status = 409;
  return refusal;
}

Answered<void> list_policies(const Asked& asked, net::HttpResponse& response) {
  PolicyChanges* const changes = TRY(changes_for(asked, PolicyDeed::kRead));
  object item{{"environment", changes->environment}};
  const auto in_force = TRY(changes->activations.in_force(place_of(asked, *changes)));
  if (in_force) {
    item["inForce"] = to_json(*in_force);
    item["overdue"] = TRY(changes->activations.is_overdue(*in_force));
  }
  const auto last = TRY(changes->activations.history(place_of(asked, *changes), 0, 1));
  const bool is_to_come = !last.empty() && (!in_force || last.front().serial > in_force->serial);
  if (is_to_come) item["toCome"] = to_json(last.front());
  const auto shadow = TRY(changes->shadows.running(place_of(asked, *changes)));
  if (shadow) item["shadow"] = to_json(*shadow);
  const auto canary = TRY(changes->canaries.running(place_of(asked, *changes)));
  if (canary) item["canary"] = to_json(*canary);
  write_json(object{{"items", boost::json::array{std::move(item)}}}, response);
  return {};
}

Answered<void> list_activations(const Asked& asked, net::HttpResponse& response) {
  PolicyChanges* const changes = TRY(changes_for(asked, PolicyDeed::kRead));
  const std::uint64_t before =
      TRY(asked.number("before", 0, std::numeric_limits<std::int64_t>::max()));
  const std::size_t count = TRY(asked.number("count", kUsualCount, kMostCount));
  if (count == 0) return invalid("`count` must be at least 1: a page of nothing never ends");
  auto found = TRY(changes->activations.history(place_of(asked, *changes), before, count));
  boost::json::array items;
  for (const pap::Activation& each : found) items.push_back(to_json(each));
  object out{{"items", std::move(items)}};
  if (found.size() == count && found.back().serial > 1) out["next"] = found.back().serial;
  write_json(std::move(out), response);
  return {};
}

Answered<void> download_bundle(const Asked& asked, net::HttpResponse& response) {
  PolicyChanges* const changes = TRY(changes_for(asked, PolicyDeed::kRead));
  const pap::Activation activation = TRY(activation_of(asked, *changes));
  response.content_type = "application/octet-stream";
  response.body = TRY(changes->activations.bundle(activation));
  return {};
}

Answered<void> read_activation_content(const Asked& asked, net::HttpResponse& response) {
  PolicyChanges* const changes = TRY(changes_for(asked, PolicyDeed::kRead));
  const pap::Activation activation = TRY(activation_of(asked, *changes));
  write_json(to_json(TRY(changes->drafts.content(asked.tenant(), activation.content))), response);
  return {};
}

Answered<void> roll_back_policies(const Asked& asked, net::HttpResponse& response) {
  TRY_VOID(refuse_dry_run(asked));
  const Body body = TRY(read_body(asked.request, {}));
  PolicyChanges* const changes = TRY(changes_for(asked, PolicyDeed::kRollBack));
  const std::uint64_t serial = TRY(number_of_path(asked, "serial of an activation"));
  const auto made =
      changes->activations.roll_back(mandate_of(asked, body.reason), changes->environment, serial);
  if (!made) return std::unexpected(refusal_of(made.error()));
  response.status = 201;
  write_json(to_json(*made), response);
  return {};
}

}  // namespace wardlock::admin
