#include "server/audit_trail.h"

#include <chrono>
#include <future>
#include <memory>

#include "audit/index/search.h"
#include "directory/registry/journal.h"

namespace wardlock::server {
namespace {

constexpr std::chrono::seconds kMostTime{10};

administration::Trace trace_of(std::uint64_t record, const event::Event& event) {
  return {.record = record,
          .time = event.time,
          .what = std::string(to_string(event.kind)),
          .action = std::string(event.action),
          .outcome = std::string(to_string(event.outcome)),
          .resource_type = std::string(event.resource_type),
          .resource_id = std::string(event.resource_id),
          .patient = std::string(event.patient),
          .device = std::string(event.device),
          .source_address = std::string(event.source_address)};
}

Result<administration::Traces> look(const audit_api::Indexed& indexed, const audit::Query& query,
                                    const std::string& grant) {
  administration::Traces out;
  const auto take = [&](std::uint64_t record, const Result<event::Event>& event) -> Result<void> {
    if (event && !grant.empty() && event->grant != grant) return {};
    if (event) {
      out.traces.push_back(trace_of(record, *event));
    } else {
      out.are_all = false;  // one that cannot be read is no reason to tell of none
    }
    return {};
  };
  const auto found = TRY(audit::find_events(indexed.index, indexed.log, indexed.keys, query, take));
  if (found.next) out.are_all = false;
  return out;
}

}  // namespace

Result<administration::Traces> AuditTrail::of(const administration::Actor& actor,
                                              std::int64_t since_ms, std::size_t most) {
  const audit::Query query{.tenant = std::string(directory::event_tenant(actor.tenant)),
                           .principal = audit::NamedSubject{.type = actor.type, .id = actor.id},
                           .from = since_ms,
                           .limit = most};
  return ask(query, {});
}

Result<administration::Traces> AuditTrail::under(std::string_view tenant, std::string_view grant,
                                                 std::int64_t since_ms, std::int64_t until_ms,
                                                 std::size_t most) {
  const audit::Query query{.tenant = std::string(directory::event_tenant(tenant)),
                           .kinds = {event::Kind::kOverrideUse},
                           .from = since_ms,
                           .until = until_ms,
                           .limit = most};
  return ask(query, std::string(grant));
}

Result<administration::Traces> AuditTrail::ask(const audit::Query& query,
                                               const std::string& grant) {
  using Answer = std::promise<Result<administration::Traces>>;
  // Whoever asked may have given up by the time it is answered.
  const auto answer = std::make_shared<Answer>();
  std::future<Result<administration::Traces>> future = answer->get_future();
  const bool is_asked =
      index_.ask([answer, query, grant](const Result<audit_api::Indexed>& indexed) {
        if (!indexed) return answer->set_value(std::unexpected(indexed.error()));
        answer->set_value(look(*indexed, query, grant));
      });
  if (!is_asked) return fail(ErrorCode::kUnavailable, "too much is asked of the audit log now");
  if (future.wait_for(kMostTime) != std::future_status::ready) {
    return fail(ErrorCode::kDeadlineExceeded, "the audit log did not answer in time");
  }
  try {
    return future.get();
  } catch (const std::future_error&) {  // the server stops: what waits is dropped
    return fail(ErrorCode::kUnavailable, "the audit log is being closed");
  }
}

}  // namespace wardlock::server
