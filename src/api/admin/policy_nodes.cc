#include "api/admin/policy_nodes.h"

#include <utility>

#include "api/admin/policies.h"
#include "api/admin/policy_json.h"
#include "api/admin/recoveries.h"
#include "codec/json.h"

namespace wardlock::admin {
namespace {

using administration::PolicyChanges;
using administration::PolicyDeed;
using boost::json::object;

constexpr std::size_t kUsualCount = 100;
constexpr std::size_t kMostCount = 500;

/// What people call it.
std::string label_of(const directory::Thing& thing) {
  const object& json = thing.document.json();
  for (const char* const name : {"displayName", "name", "clientId"}) {
    const codec::Json* const value = json.if_contains(name);
    if (value != nullptr && value->is_string()) return std::string(value->get_string());
  }
  return "";
}

/// A serial; 0: it is not there.
Answered<std::uint64_t> serial_in(const Body& body) {
  return body.find("serial") == nullptr ? std::uint64_t{0} : count_in(body, "serial");
}

object counts_json(const pap::NodesView& view) {
  object counts;
  for (const pap::NodeStanding each : pap::kAllNodeStandings) {
    counts[to_string(each)] = view.count(each);
  }
  return counts;
}

}  // namespace

Answered<void> list_nodes(const Asked& asked, net::HttpResponse& response) {
  PolicyChanges* const changes = TRY(changes_for(asked, PolicyDeed::kRead));
  const std::size_t count = TRY(asked.number("count", kUsualCount, kMostCount));
  if (count == 0) return invalid("`count` must be at least 1: a page of nothing never ends");
  const bool is_drift_alone = TRY(asked.flag("drifting"));
  const pap::NodesView view = TRY(changes->nodes.view(
      place_of(asked, *changes),
      {.after = asked.parameter("cursor"), .most = count, .is_drift_alone = is_drift_alone}));
  boost::json::array items;
  for (const pap::SeenNode& each : view.nodes) items.push_back(to_json(each));
  object out{{"environment", changes->environment}, {"counts", counts_json(view)}};
  if (view.in_force) out["inForce"] = to_json(*view.in_force);
  out["items"] = std::move(items);
  if (view.nodes.size() == count) out["next"] = view.nodes.back().node.report.node;
  write_json(std::move(out), response);
  return {};
}

Answered<void> report_node(const Asked& asked, net::HttpResponse& response) {
  TRY_VOID(refuse_dry_run(asked));
  const Body body =
      TRY(read_body(asked.request, {"serial", "content", "schema", "outcomes", "refused"}));
  PolicyChanges* const changes = TRY(changes_for(asked, PolicyDeed::kReportNode));
  const auto thing = TRY(asked.errand.registry.find(asked.tenant(), asked.errand.mandate.actor_id));
  const pap::NodeReport report{.kind = pap::NodeKind::kReporter,
                               .node = thing.id,
                               .label = label_of(thing),
                               .serial = TRY(serial_in(body)),
                               .content = TRY(text_in(body, "content", false)),
                               .schema = TRY(text_in(body, "schema", false)),
                               .outcomes = TRY(text_in(body, "outcomes", false)),
                               .refused = TRY(text_in(body, "refused", false))};
  write_json(to_json(TRY(changes->nodes.report(place_of(asked, *changes), report))), response);
  return {};
}

Answered<void> forget_node(const Asked& asked, net::HttpResponse& response) {
  TRY_VOID(refuse_dry_run(asked));
  const Body body = TRY(read_body(asked.request, {}));
  PolicyChanges* const changes = TRY(changes_for(asked, PolicyDeed::kForgetNode));
  TRY_VOID(
      changes->nodes.forget(mandate_of(asked, body.reason), place_of(asked, *changes), asked.id));
  response.status = 204;
  return {};
}

}  // namespace wardlock::admin
