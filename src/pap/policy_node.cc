#include "pap/policy_node.h"

#include <algorithm>
#include <map>

namespace wardlock::pap {
namespace {

constexpr std::array<std::string_view, 2> kKinds = {"server", "reporter"};
constexpr std::array<std::string_view, kNodeStandings> kStandings = {
    "current", "following", "behind", "foreign", "deviating", "refusing", "stale"};

bool is_stale(const PolicyNode& node, const NodeMeasure& measure) {
  const bool is_told = node.told == NodeStanding::kStale && node.seen_ms <= node.told_ms;
  return is_told || measure.now_ms - node.seen_ms > measure.rules.stale_ms;
}

bool is_deviating(const NodeReport& report, const NodeMeasure& measure) {
  return !report.outcomes.empty() && !measure.outcomes.empty() &&
         report.outcomes != measure.outcomes;
}

}  // namespace

std::string_view to_string(NodeKind kind) { return kKinds.at(static_cast<std::size_t>(kind)); }

std::string_view to_string(NodeStanding standing) {
  return kStandings.at(static_cast<std::size_t>(standing));
}

std::optional<NodeStanding> find_node_standing(std::string_view name) {
  for (const NodeStanding each : kAllNodeStandings) {
    if (to_string(each) == name) return each;
  }
  return std::nullopt;
}

bool is_drift(NodeStanding standing) {
  return standing != NodeStanding::kCurrent && standing != NodeStanding::kFollowing;
}

NodeStanding standing_of(const PolicyNode& node, const NodeMeasure& measure) {
  const NodeReport& report = node.report;
  if (is_stale(node, measure)) return NodeStanding::kStale;
  if (!report.refused.empty()) return NodeStanding::kRefusing;
  if (measure.in_force == nullptr) return NodeStanding::kFollowing;
  const Activation& in_force = *measure.in_force;
  if (report.content == in_force.content) {
    return is_deviating(report, measure) ? NodeStanding::kDeviating : NodeStanding::kCurrent;
  }
  if (!measure.was_in_force) return NodeStanding::kForeign;
  const bool has_time = measure.now_ms - in_force.starts_ms <= measure.rules.grace_ms;
  return has_time ? NodeStanding::kFollowing : NodeStanding::kBehind;
}

std::string usual_outcomes(std::span<const PolicyNode> nodes, std::string_view content) {
  std::map<std::string_view, std::size_t> counts;
  for (const PolicyNode& each : nodes) {
    const NodeReport& report = each.report;
    const bool counts_here =
        report.kind == NodeKind::kServer && report.content == content && !report.outcomes.empty();
    if (counts_here) ++counts[report.outcomes];
  }
  const auto most = std::ranges::max_element(
      counts, [](const auto& a, const auto& b) { return a.second < b.second; });
  return most == counts.end() ? std::string() : std::string(most->first);
}

}  // namespace wardlock::pap
