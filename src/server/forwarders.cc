#include "server/forwarders.h"

#include <algorithm>
#include <thread>
#include <utility>

namespace wardlock::server {
namespace {

using audit::ForwardNotice;
using audit::ForwardStatus;

void log_notice(const ForwardNotice& notice, Log& log) {
  const auto record = static_cast<std::int64_t>(notice.record);
  switch (notice.what) {
    case ForwardNotice::What::kFailing:
      return log.warning("audit_forward_failing",
                         {{"forwarder", notice.forwarder}, {"reason", notice.reason}});
    case ForwardNotice::What::kRecovered:
      return log.info("audit_forward_recovered", {{"forwarder", notice.forwarder}});
    case ForwardNotice::What::kSetAside:
      return log.error(
          "audit_forward_set_aside",
          {{"forwarder", notice.forwarder}, {"record", record}, {"reason", notice.reason}});
    case ForwardNotice::What::kMissing:
      return log.error("audit_forward_missing",
                       {{"forwarder", notice.forwarder},
                        {"record", record},
                        {"count", static_cast<std::int64_t>(notice.count)}});
    case ForwardNotice::What::kPlaceUnsaved: break;
  }
  log.warning("audit_forward_place_unsaved",
              {{"forwarder", notice.forwarder}, {"reason", notice.reason}});
}

}  // namespace

Forwarders::~Forwarders() {
  // All of them at once, then one after another.
  for (const auto& each : forwarders_) each->stop();
}

Result<std::unique_ptr<Forwarders>> Forwarders::start(const config::Audit& options, AuditLog& audit,
                                                      Log& log) {
  std::unique_ptr<Forwarders> started(new Forwarders(audit));
  for (const audit::ForwarderOptions& each : options.forwarders) {
    auto forwarder =
        audit::Forwarder::start(each,
                                {.files = audit.files(),
                                 .folder = audit.folder(),
                                 .keys = audit.keys(),
                                 .end = [&audit] { return audit.log().head().size; }},
                                [&log](const ForwardNotice& notice) { log_notice(notice, log); });
    if (!forwarder) {
      return std::unexpected(forwarder.error().in("audit.forward." + each.name));
    }
    started->forwarders_.push_back(*std::move(forwarder));
  }
  return started;
}

void Forwarders::wait_until_sent(std::chrono::milliseconds time) const {
  constexpr std::chrono::milliseconds kLook{10};
  // One that was failing may be well again, and not known to be for some seconds.
  constexpr int kDoubtfulPart = 4;
  const auto begin = std::chrono::steady_clock::now();
  const auto waits = [&](const ForwardStatus& each) {
    const auto waited = std::chrono::steady_clock::now() - begin;
    return each.lag() > 0 && waited < (each.is_failing ? time / kDoubtfulPart : time);
  };
  while (std::ranges::any_of(status(), waits)) std::this_thread::sleep_for(kLook);
}

std::vector<ForwardStatus> Forwarders::status() const {
  std::vector<ForwardStatus> out;
  const std::uint64_t size = audit_.log().head().size;
  for (const auto& each : forwarders_) {
    out.push_back(each->status());
    out.back().end = size;  // they look at it now and then
  }
  return out;
}

void add_forwarders(const Forwarders& forwarders, std::int64_t now, Exposition& out) {
  const std::vector<ForwardStatus> all = forwarders.status();
  const auto add = [&](const char* name, const char* kind, const char* help, auto&& value) {
    out.begin(name, kind, help);
    for (const ForwardStatus& each : all) {
      out.add(label("forwarder", each.name), static_cast<double>(value(each)));
    }
  };
  const auto gauge = [&](const char* name, const char* help, auto&& value) {
    add(name, "gauge", help, value);
  };
  const auto counter = [&](const char* name, const char* help, auto&& value) {
    add(name, "counter", help, value);
  };
  gauge("wardlock_audit_forward_position", "Records that were sent, or need not be.",
        [](const ForwardStatus& each) { return each.position; });
  gauge("wardlock_audit_forward_lag", "Records that are yet to be sent.",
        [](const ForwardStatus& each) { return each.lag(); });
  gauge("wardlock_audit_forward_failing", "1 while the receiver takes nothing.",
        [](const ForwardStatus& each) { return each.is_failing ? 1 : 0; });
  gauge("wardlock_audit_forward_failing_seconds", "Since when it takes nothing.",
        [&](const ForwardStatus& each) {
          return each.is_failing
                     ? static_cast<double>(std::max<std::int64_t>(now - each.failing_since, 0)) /
                           1000
                     : 0.0;
        });
  counter("wardlock_audit_forward_sent_total", "Events sent.",
          [](const ForwardStatus& each) { return each.sent; });
  counter("wardlock_audit_forward_resent_total", "Events sent again after a break.",
          [](const ForwardStatus& each) { return each.resent; });
  counter("wardlock_audit_forward_left_out_total", "Events that are not selected.",
          [](const ForwardStatus& each) { return each.left_out; });
  counter("wardlock_audit_forward_set_aside_total",
          "Events that were refused or cannot be read, and are listed.",
          [](const ForwardStatus& each) { return each.set_aside; });
  counter("wardlock_audit_forward_missing_total",
          "Records that were removed before they were sent.",
          [](const ForwardStatus& each) { return each.missing; });
  counter("wardlock_audit_forward_failures_total", "Tries that failed.",
          [](const ForwardStatus& each) { return each.failures; });
}

}  // namespace wardlock::server
