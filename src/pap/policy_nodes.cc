#include "pap/policy_nodes.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "directory/registry/read_from.h"
#include "event/event.h"
#include "pap/activation_rows.h"
#include "pap/drafts.h"
#include "pap/node_rows.h"

namespace wardlock::pap {
namespace {

using directory::Mandate;
using storage::Work;

constexpr std::size_t kMostListed = 500;
/// More than any hospital has; a flood of names keeps no node from being looked at.
constexpr std::size_t kMostNodes = 20'000;
constexpr std::size_t kMostText = 300;

/// All that is there, as one transaction sees it.
struct Seen {
  std::optional<Activation> in_force;
  std::vector<PolicyNode> nodes;
  std::vector<NodeStanding> standings;
};

Result<Seen> see(Work& work, const PolicyPlace& place, const PolicySurroundings& surroundings) {
  const std::int64_t clock = surroundings.directory.clock();
  const std::int64_t now = TRY(time_at(work, place, clock));
  Seen seen{.in_force = TRY(find_in_force(work, place, now)),
            .nodes = TRY(find_nodes(work, place, kMostNodes)),
            .standings = {}};
  const auto known = TRY(find_known_contents(work, place));
  const std::string usual =
      seen.in_force ? usual_outcomes(seen.nodes, seen.in_force->content) : std::string();
  for (const PolicyNode& node : seen.nodes) {
    seen.standings.push_back(
        standing_of(node, {.in_force = seen.in_force ? &*seen.in_force : nullptr,
                           .was_in_force = std::ranges::binary_search(known, node.report.content),
                           .outcomes = usual,
                           .now_ms = clock,
                           .rules = surroundings.rules.nodes}));
  }
  return seen;
}

NodesView view_of(Seen seen, const PolicyNodes::Page& page) {
  NodesView view{.in_force = std::move(seen.in_force), .nodes = {}};
  for (std::size_t i = 0; i < seen.nodes.size(); ++i) {
    ++view.counts.at(static_cast<std::size_t>(seen.standings[i]));
    const bool is_asked = seen.nodes[i].report.node > page.after && view.nodes.size() < page.most &&
                          (!page.is_drift_alone || is_drift(seen.standings[i]));
    if (is_asked) view.nodes.push_back({std::move(seen.nodes[i]), seen.standings[i]});
  }
  return view;
}

/// Before is what is in force, after what the node runs.
Result<void> tell(Work& work, const PolicySurroundings& surroundings, const Mandate& mandate,
                  const PolicyPlace& place, const NodeReport& report, std::string_view action,
                  std::string_view in_force, event::Outcome outcome) {
  const PolicyDraft of{.id = report.node, .place = place};
  return tell_policy_change(work, surroundings, mandate, of, action, in_force, report.content,
                            {.outcome = outcome});
}

/// What goes on record of it now; nothing: nothing does. A node that still has time neither begins
/// to drift nor ends it.
std::optional<NodeStanding> to_tell(const PolicyNode& node, NodeStanding standing) {
  if (standing == NodeStanding::kFollowing || standing == node.told) return std::nullopt;
  return standing;
}

Result<void> check_texts(const NodeReport& report) {
  if (report.node.empty()) return invalid("a node has a name");
  for (const std::string* each : {&report.node, &report.label, &report.content, &report.schema,
                                  &report.outcomes, &report.refused}) {
    if (each->size() > kMostText) {
      return invalid(fmt::format("what a node says of itself has {} bytes at most", kMostText));
    }
  }
  return {};
}

}  // namespace

Result<SeenNode> PolicyNodes::report(const PolicyPlace& place, const NodeReport& report) {
  TRY_VOID(check_texts(report));
  SeenNode out;
  const auto written = surroundings_.store.write([&](Work& work) -> Result<void> {
    TRY_VOID(put_node(work, place, report, surroundings_.directory.clock()));
    const Seen seen = TRY(see(work, place, surroundings_));
    for (std::size_t i = 0; i < seen.nodes.size(); ++i) {
      const NodeReport& each = seen.nodes[i].report;
      if (each.node != report.node || each.kind != report.kind) continue;
      out = {seen.nodes[i], seen.standings[i]};
      return {};
    }
    return fail(ErrorCode::kResourceExhausted, "there are too many nodes; forget those that went");
  });
  TRY_VOID(written);
  return out;
}

Result<NodesView> PolicyNodes::view(const PolicyPlace& place, const Page& page) const {
  return directory::read_from<NodesView>(surroundings_.store, [&](Work& work) -> Result<NodesView> {
    return view_of(TRY(see(work, place, surroundings_)), {.after = page.after,
                                                          .most = std::min(page.most, kMostListed),
                                                          .is_drift_alone = page.is_drift_alone});
  });
}

Result<NodesView> PolicyNodes::look(const Mandate& mandate, const PolicyPlace& place) {
  const auto has_news = [](const Seen& seen) {
    for (std::size_t i = 0; i < seen.nodes.size(); ++i) {
      if (to_tell(seen.nodes[i], seen.standings[i])) return true;
    }
    return false;
  };
  auto seen = TRY(directory::read_from<Seen>(surroundings_.store, [&](Work& work) -> Result<Seen> {
    return see(work, place, surroundings_);
  }));
  if (!has_news(seen)) return view_of(std::move(seen), {.most = kMostNodes});
  const auto written = surroundings_.store.write([&](Work& work) -> Result<void> {
    seen = TRY(see(work, place, surroundings_));
    const std::string in_force = seen.in_force ? seen.in_force->content : std::string();
    for (std::size_t i = 0; i < seen.nodes.size(); ++i) {
      const PolicyNode& node = seen.nodes[i];
      const auto next = to_tell(node, seen.standings[i]);
      if (!next) continue;
      if (!TRY(put_told(work, place, node, *next, surroundings_.directory.clock()))) continue;
      const std::string action =
          is_drift(*next) ? fmt::format("drift_{}", to_string(*next)) : "drift_end";
      TRY_VOID(tell(work, surroundings_, mandate, place, node.report, action, in_force,
                    is_drift(*next) ? event::Outcome::kFailure : event::Outcome::kSuccess));
    }
    return {};
  });
  TRY_VOID(written);
  return view_of(std::move(seen), {.most = kMostNodes});
}

Result<void> PolicyNodes::forget(const Mandate& mandate, const PolicyPlace& place,
                                 std::string_view node) {
  return surroundings_.store.write([&](Work& work) -> Result<void> {
    TRY_VOID(check_actor(work, mandate));
    if (!TRY(delete_node(work, place, node))) {
      return fail(ErrorCode::kNotFound, "no node has that name");
    }
    return tell(work, surroundings_, mandate, place, {.node = std::string(node)}, "forget_node", {},
                event::Outcome::kSuccess);
  });
}

}  // namespace wardlock::pap
