#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>

#include "authn/authenticate.h"
#include "net/server_counters.h"
#include "pdp/rule.h"

namespace wardlock::server {

/// Where a request went.
enum class Route : std::uint8_t {
  kEvaluation,
  kEvaluations,
  kForwardAuth,
  kSearchSubject,
  kSearchResource,
  kSearchAction,
  kMetadata,
  kOpenApi,
  kHealth,
  kReady,
  kMetrics,
  kAudit,
  kScim,
  kAdmin,
  kBreakGlass,
  kDelegations,
  kFhir,
  kRequests,
  kPage,
  kAsset,
  kOauth,
  kOther,
};
inline constexpr std::size_t kRoutes = static_cast<std::size_t>(Route::kOther) + 1;
std::string_view to_string(Route route);

/// What one thread has counted. Only that thread adds; any thread reads. So nothing is shared while
/// requests are answered.
struct alignas(64) MetricsShard {
  static constexpr std::size_t kStatuses = 500;  ///< from 100 on
  static constexpr std::size_t kCauses = 8;
  /// Upper bounds, in microseconds.
  static constexpr std::array<std::int64_t, 12> kBounds = {
      50, 100, 250, 500, 1'000, 2'500, 5'000, 10'000, 25'000, 100'000, 500'000, 2'500'000};

  std::array<std::array<net::Count, kStatuses>, kRoutes> responses;
  std::array<net::Count, kCauses> decisions;
  std::array<net::Count, authn::kRejections> rejections;
  net::Count quota_refusals;
  net::Count stale_decisions;
  net::Count search_decisions;
  net::Count search_results;
  std::array<net::Count, kBounds.size() + 1> durations;
  net::Count duration_sum_us;

  void count_response(Route route, int status, std::chrono::nanoseconds took);
  void count_decision(pdp::Cause cause) { decisions.at(static_cast<std::size_t>(cause)).add(); }
  void count_search(std::size_t decided, std::size_t found) {
    search_decisions.add(decided);
    search_results.add(found);
  }
  void count_rejection(authn::Rejection rejection) {
    rejections.at(static_cast<std::size_t>(rejection)).add();
  }
};

/// All that a server counts about itself. Thread-safe.
class Metrics {
 public:
  /// For a thread to count in; lives as long as this.
  MetricsShard& add_shard();

  // Each counted by one thread: that which builds snapshots, and that which reads configurations.
  net::Count reloads_taken;
  net::Count reloads_failed;
  net::Count configurations_taken;
  net::Count configurations_failed;
  net::Count certificates_taken;
  net::Count certificates_failed;
  // The same, by that which follows what is in force.
  net::Count activations_taken;
  net::Count activations_failed;

  /// In the text format of Prometheus, version 0.0.4.
  std::string exposition() const;

 private:
  mutable std::mutex mutex_;  ///< over the list, which grows at the start only
  std::deque<MetricsShard> shards_;
};

/// Builds an exposition.
class Exposition {
 public:
  /// Begins a metric. `kind` is `counter`, `gauge` or `histogram`.
  void begin(std::string_view name, std::string_view kind, std::string_view help);
  /// A value of the metric; `labels` as `a="b",c="d"`, or empty.
  void add(std::string_view labels, double value);
  /// The same of a part of it, e.g. `_bucket`.
  void add(std::string_view suffix, std::string_view labels, double value);
  /// A metric of one value.
  void single(std::string_view name, std::string_view kind, std::string_view help, double value) {
    begin(name, kind, help);
    add("", value);
  }
  std::string take() { return std::move(text_); }

 private:
  std::string name_;
  std::string text_;
};

/// A label's value, escaped.
std::string label(std::string_view name, std::string_view value);

void add_net_counters(const net::ServerCounters& counters, Exposition& out);

}  // namespace wardlock::server
