#include "server/logout_courier.h"

#include <fmt/format.h>
#include <pthread.h>

#include <chrono>
#include <set>
#include <string>
#include <utility>

#include "base/wall_clock.h"

namespace wardlock::server {
namespace {

constexpr std::chrono::milliseconds kLookInterval{5'000};
constexpr std::size_t kMostAtOnce = 100;
/// An application's answer is a status; what else it says is not read.
constexpr std::size_t kMostReplyBytes = std::size_t{64} << 10;

std::unexpected<Error> error_of(const oauth::Refusal& refusal) {
  return fail(ErrorCode::kUnavailable, refusal.description);
}

/// What tells one application's server from another's; a URI that is none stands for itself.
std::string origin_of(const std::string& uri) {
  const auto url = net::EgressUrl::parse(uri);
  return url ? url->origin : uri;
}

}  // namespace

LogoutCourier::LogoutCourier(oauth::Logouts& logouts, net::Egress egress, Log& log)
    : logouts_(logouts), egress_(std::move(egress)), log_(log) {
  running_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

LogoutCourier::~LogoutCourier() {
  running_.request_stop();
  interruption_.raise();
  if (running_.joinable()) running_.join();
}

void LogoutCourier::run(const std::stop_token& stop) {
  pthread_setname_np(pthread_self(), "logouts");
  do {
    const auto sent = send_what_is_due();
    if (!sent) log_.warning("logouts_unsent", {{"reason", sent.error().message}});
  } while (pause_.wait_until_woken(stop, kLookInterval));
}

Result<void> LogoutCourier::send_what_is_due() {
  const auto due = logouts_.due(wall_clock_ms(), kMostAtOnce);
  if (!due) return error_of(due.error());
  std::set<std::string> deaf;  // whoever hangs keeps the others waiting once
  for (const oauth::PendingLogout& logout : *due) {
    if (interruption_.is_raised()) return {};
    const std::string origin = origin_of(logout.uri);
    if (deaf.contains(origin)) continue;
    const auto taken = logouts_.take(logout, wall_clock_ms());
    if (!taken) return error_of(taken.error());
    if (!*taken) continue;
    const auto sent = send(logout);
    if (!sent) {
      deaf.insert(origin);
      log_.warning("logout_undelivered",
                   {{"application", origin}, {"reason", sent.error().message}});
      continue;
    }
    const auto noted = logouts_.delivered(logout);
    if (!noted) return error_of(noted.error());
  }
  return {};
}

Result<void> LogoutCourier::send(const oauth::PendingLogout& logout) const {
  const std::string body = "logout_token=" + logout.token;  // base64url and dots
  const net::HttpReply reply =
      TRY(egress_.fetch({.method = "POST",
                         .url = logout.uri,
                         .headers = {{"Content-Type", "application/x-www-form-urlencoded"}},
                         .body = body},
                        interruption_, kMostReplyBytes));
  // 204 is what older applications say (2.8).
  if (reply.status == 200 || reply.status == 204) return {};
  return fail(ErrorCode::kUnavailable, fmt::format("it answered {}", reply.status));
}

}  // namespace wardlock::server
