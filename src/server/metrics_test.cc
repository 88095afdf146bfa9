#include "server/metrics.h"

#include <gtest/gtest.h>

namespace wardlock::server {
namespace {

using namespace std::chrono_literals;

bool has(const std::string& text, const std::string& line) {
  return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

TEST(Metrics, AddsUpWhatThreadsCount) {
  Metrics metrics;
  MetricsShard& one = metrics.add_shard();
  MetricsShard& other = metrics.add_shard();
  one.count_response(Route::kEvaluation, 200, 40us);
  other.count_response(Route::kEvaluation, 200, 2ms);
  other.count_response(Route::kHealth, 200, 1s);
  one.count_response(Route::kSearchAction, 200, 1s);
  one.count_search(7, 2);
  other.count_search(1, 0);
  one.count_decision(pdp::Cause::kForbidError);
  other.count_rejection(authn::Rejection::kMisplaced);
  const std::string text = metrics.exposition();
  EXPECT_TRUE(has(text, R"(wardlock_http_requests_total{route="evaluation",status="200"} 2)"));
  EXPECT_TRUE(has(text, R"(wardlock_http_requests_total{route="healthz",status="200"} 1)"));
  EXPECT_TRUE(has(text, R"(wardlock_decisions_total{decision="deny",cause="forbid_error"} 1)"));
  EXPECT_TRUE(has(text, R"(wardlock_decisions_total{decision="allow",cause="override"} 0)"));
  EXPECT_TRUE(has(text, R"(wardlock_callers_refused_total{reason="misplaced"} 1)"));
  EXPECT_TRUE(has(text, "wardlock_search_decisions_total 8"));
  EXPECT_TRUE(has(text, "wardlock_search_results_total 2"));
  // Questions only; buckets add up.
  EXPECT_TRUE(has(text, R"(wardlock_request_duration_seconds_bucket{le="5e-05"} 1)")) << text;
  EXPECT_TRUE(has(text, R"(wardlock_request_duration_seconds_bucket{le="0.001"} 1)"));
  EXPECT_TRUE(has(text, R"(wardlock_request_duration_seconds_bucket{le="0.0025"} 2)"));
  EXPECT_TRUE(has(text, R"(wardlock_request_duration_seconds_bucket{le="+Inf"} 2)"));
  EXPECT_TRUE(has(text, "wardlock_request_duration_seconds_sum 0.00204"));
}

TEST(Metrics, EveryCauseAndReasonHasItsPlace) {
  EXPECT_EQ(static_cast<std::size_t>(pdp::Cause::kActorNotApplicable) + 1, MetricsShard::kCauses);
  EXPECT_EQ(static_cast<std::size_t>(authn::Rejection::kThrottled) + 1, authn::kRejections);
}

TEST(Metrics, AnUnheardOfStatusIsCountedSomewhere) {
  Metrics metrics;
  MetricsShard& shard = metrics.add_shard();
  for (const int status : {0, 99, 100, 599, 600, 1000, -1}) {
    shard.count_response(Route::kOther, status, 0ns);
  }
  EXPECT_TRUE(
      has(metrics.exposition(), R"(wardlock_http_requests_total{route="other",status="599"} 3)"));
}

TEST(Metrics, LabelsAreEscaped) { EXPECT_EQ(label("a", "b\"c\\d\ne"), R"(a="b\"c\\d\ne")"); }

}  // namespace
}  // namespace wardlock::server
