#include "base/graph.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace wardlock {
namespace {

Graph chain(std::uint32_t length) {
  Graph graph(length);
  for (std::uint32_t i = 0; i + 1 < length; ++i) graph[i] = {i + 1};
  return graph;
}

TEST(OrderAfterTargets, PutsTargetsFirst) {
  const Graph graph = {{1, 2}, {3}, {3}, {}};
  const auto order = order_after_targets(graph);
  ASSERT_TRUE(order);
  ASSERT_EQ(order->size(), 4U);
  const auto place = [&](std::uint32_t node) { return std::ranges::find(*order, node); };
  for (std::uint32_t node = 0; node < graph.size(); ++node) {
    for (const std::uint32_t target : graph[node]) EXPECT_LT(place(target), place(node));
  }
}

TEST(OrderAfterTargets, NamesTheCycleAndNothingElse) {
  EXPECT_EQ(order_after_targets({{1}, {2}, {3}, {1}}).error(), (Cycle{1, 2, 3}));
  EXPECT_EQ(order_after_targets({{}, {1}}).error(), (Cycle{1}));
  EXPECT_EQ(order_after_targets({{1}, {0}}).error(), (Cycle{0, 1}));
}

TEST(OrderAfterTargets, BearsLongChains) {
  const auto order = order_after_targets(chain(1'000'000));
  ASSERT_TRUE(order);
  EXPECT_EQ(order->front(), 999'999U);
}

TEST(TransitiveClosure, FollowsEveryPath) {
  EXPECT_EQ(*transitive_closure({{2, 1}, {3}, {3}, {}}, 100), (Graph{{1, 2, 3}, {3}, {3}, {}}));
}

TEST(TransitiveClosure, LetsNodesOnACycleReachThemselves) {
  EXPECT_EQ(*transitive_closure({{1}, {0}, {2}, {0}}, 100), (Graph{{0, 1}, {0, 1}, {2}, {0, 1}}));
}

TEST(TransitiveClosure, StopsAtTheLimit) {
  EXPECT_TRUE(transitive_closure(chain(4), 6));
  EXPECT_FALSE(transitive_closure(chain(4), 5));
  EXPECT_FALSE(transitive_closure(chain(100'000), 1'000'000));
}

}  // namespace
}  // namespace wardlock
