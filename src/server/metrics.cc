#include "server/metrics.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <numeric>

namespace wardlock::server {
namespace {

/// The sum over all shards of what `get` gives.
template <typename Get>
double sum(const std::deque<MetricsShard>& shards, Get&& get) {
  std::uint64_t total = 0;
  for (const MetricsShard& shard : shards) total += std::invoke(get, shard).get();
  return static_cast<double>(total);
}

void add_responses(const std::deque<MetricsShard>& shards, Exposition& out) {
  out.begin("wardlock_http_requests_total", "counter", "Requests answered.");
  for (std::size_t route = 0; route < kRoutes; ++route) {
    for (std::size_t status = 0; status < MetricsShard::kStatuses; ++status) {
      const double count =
          sum(shards, [&](const auto& shard) -> auto& { return shard.responses[route][status]; });
      if (count == 0) continue;
      out.add(fmt::format(R"(route="{}",status="{}")", to_string(static_cast<Route>(route)),
                          status + 100),
              count);
    }
  }
}

void add_decisions(const std::deque<MetricsShard>& shards, Exposition& out) {
  out.begin("wardlock_decisions_total", "counter", "Decisions made, items of batches included.");
  for (std::size_t i = 0; i < MetricsShard::kCauses; ++i) {
    const auto cause = static_cast<pdp::Cause>(i);
    const bool is_allow = cause == pdp::Cause::kPermit || cause == pdp::Cause::kOverride;
    out.add(fmt::format(R"(decision="{}",cause="{}")", is_allow ? "allow" : "deny",
                        pdp::to_string(cause)),
            sum(shards, [&](const auto& shard) -> auto& { return shard.decisions[i]; }));
  }
}

void add_searches(const std::deque<MetricsShard>& shards, Exposition& out) {
  out.single("wardlock_stale_decisions_total", "counter",
             "Decisions about which some attribute's source had fallen silent.",
             sum(shards, &MetricsShard::stale_decisions));
  out.single("wardlock_search_decisions_total", "counter",
             "Decisions made by searches, which are not among wardlock_decisions_total.",
             sum(shards, &MetricsShard::search_decisions));
  out.single("wardlock_search_results_total", "counter", "What searches found.",
             sum(shards, &MetricsShard::search_results));
}

void add_rejections(const std::deque<MetricsShard>& shards, Exposition& out) {
  out.begin("wardlock_callers_refused_total", "counter",
            "Requests of callers that did not prove who they are.");
  for (std::size_t i = 0; i < authn::kRejections; ++i) {
    out.add(label("reason", authn::to_string(static_cast<authn::Rejection>(i))),
            sum(shards, [&](const auto& shard) -> auto& { return shard.rejections[i]; }));
  }
  out.single("wardlock_quota_refused_total", "counter", "Requests beyond a caller's quota.",
             sum(shards, &MetricsShard::quota_refusals));
}

void add_durations(const std::deque<MetricsShard>& shards, Exposition& out) {
  out.begin("wardlock_request_duration_seconds", "histogram",
            "From a complete request to its answer, for questions; not for searches.");
  double cumulative = 0;
  for (std::size_t i = 0; i < MetricsShard::kBounds.size() + 1; ++i) {
    cumulative += sum(shards, [&](const auto& shard) -> auto& { return shard.durations[i]; });
    const bool is_last = i == MetricsShard::kBounds.size();
    out.add("_bucket",
            is_last
                ? R"(le="+Inf")"
                : fmt::format(R"(le="{}")", static_cast<double>(MetricsShard::kBounds.at(i)) / 1e6),
            cumulative);
  }
  out.add("_sum", "", sum(shards, &MetricsShard::duration_sum_us) / 1e6);
  out.add("_count", "", cumulative);
}

}  // namespace

std::string_view to_string(Route route) {
  switch (route) {
    case Route::kEvaluation: return "evaluation";
    case Route::kEvaluations: return "evaluations";
    case Route::kSearchSubject: return "search-subject";
    case Route::kSearchResource: return "search-resource";
    case Route::kSearchAction: return "search-action";
    case Route::kForwardAuth: return "forward-auth";
    case Route::kMetadata: return "metadata";
    case Route::kOpenApi: return "openapi";
    case Route::kHealth: return "healthz";
    case Route::kReady: return "readyz";
    case Route::kMetrics: return "metrics";
    case Route::kAudit: return "audit";
    case Route::kScim: return "scim";
    case Route::kAdmin: return "admin";
    case Route::kBreakGlass: return "break_glass";
    case Route::kDelegations: return "delegations";
    case Route::kFhir: return "fhir";
    case Route::kRequests: return "requests";
    case Route::kPage: return "page";
    case Route::kAsset: return "asset";
    case Route::kOauth: return "oauth";
    case Route::kOther: break;
  }
  return "other";
}

void MetricsShard::count_response(Route route, int status, std::chrono::nanoseconds took) {
  const auto place = static_cast<std::size_t>(std::clamp(status - 100, 0, 499));
  responses.at(static_cast<std::size_t>(route)).at(place).add();
  if (route > Route::kForwardAuth) return;
  const std::int64_t us = took.count() / 1000;
  const auto bound = std::ranges::lower_bound(kBounds, us);
  durations.at(static_cast<std::size_t>(bound - kBounds.begin())).add();
  duration_sum_us.add(static_cast<std::uint64_t>(us));
}

MetricsShard& Metrics::add_shard() {
  const std::scoped_lock lock(mutex_);
  return shards_.emplace_back();
}

std::string Metrics::exposition() const {
  const std::scoped_lock lock(mutex_);
  Exposition out;
  add_responses(shards_, out);
  add_decisions(shards_, out);
  add_searches(shards_, out);
  add_rejections(shards_, out);
  add_durations(shards_, out);
  const auto add = [&out](const char* what, const char* result, const net::Count& count) {
    out.add(fmt::format(R"(what="{}",result="{}")", what, result),
            static_cast<double>(count.get()));
  };
  out.begin("wardlock_reloads_total", "counter", "Changed files, taken over or refused.");
  add("policies", "ok", reloads_taken);
  add("policies", "failed", reloads_failed);
  add("configuration", "ok", configurations_taken);
  add("configuration", "failed", configurations_failed);
  add("certificates", "ok", certificates_taken);
  add("certificates", "failed", certificates_failed);
  add("activations", "ok", activations_taken);
  add("activations", "failed", activations_failed);
  return out.take();
}

void Exposition::begin(std::string_view name, std::string_view kind, std::string_view help) {
  name_ = name;
  text_ += fmt::format("# HELP {0} {2}\n# TYPE {0} {1}\n", name, kind, help);
}

void Exposition::add(std::string_view labels, double value) { add("", labels, value); }

void Exposition::add(std::string_view suffix, std::string_view labels, double value) {
  text_ += labels.empty() ? fmt::format("{}{} {}\n", name_, suffix, value)
                          : fmt::format("{}{}{{{}}} {}\n", name_, suffix, labels, value);
}

std::string label(std::string_view name, std::string_view value) {
  std::string out = fmt::format("{}=\"", name);
  for (const char c : value) {
    if (c == '\n') {
      out += "\\n";
      continue;
    }
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

void add_net_counters(const net::ServerCounters& counters, Exposition& out) {
  const auto number = [](std::uint64_t count) { return static_cast<double>(count); };
  const auto total = [&](const char* name, const char* help, std::uint64_t count) {
    out.single(name, "counter", help, number(count));
  };
  out.begin("wardlock_http_protocol_requests_total", "counter", "Requests by protocol.");
  out.add(R"(protocol="http/1.1")", number(counters.http1_requests));
  out.add(R"(protocol="h2")", number(counters.http2_requests));
  out.begin("wardlock_http_malformed_total", "counter",
            "Requests refused before they were looked at, by status.");
  for (const auto& [status, count] : counters.refusals) {
    out.add(fmt::format(R"(status="{}")", status), number(count));
  }
  total("wardlock_connections_total", "Connections accepted.", counters.connections_accepted);
  total("wardlock_connections_refused_total", "Connections beyond the limit.",
        counters.connections_refused);
  out.single("wardlock_connections_open", "gauge", "Connections open now.",
             number(counters.connections_open));
  total("wardlock_tls_handshakes_total", "TLS handshakes that succeeded.", counters.tls_handshakes);
  total("wardlock_tls_handshakes_failed_total", "TLS handshakes that failed.",
        counters.tls_handshakes_failed);
  total("wardlock_timeouts_total", "Connections ended since the peer was too slow.",
        counters.timeouts);
  total("wardlock_http2_streams_reset_total", "HTTP/2 streams ended early.",
        counters.http2_streams_reset);
  total("wardlock_floods_total", "Connections cut off for wasting work.", counters.floods);
}

}  // namespace wardlock::server
