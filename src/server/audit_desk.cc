#include "server/audit_desk.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <optional>
#include <utility>
#include <vector>

#include "api/audit/log_endpoints.h"
#include "server/trace_context.h"

namespace wardlock::server {
namespace {

using net::HttpRequest;
using net::HttpResponse;
using SteadyClock = std::chrono::steady_clock;

/// What is asked is answered within that time, or not at all.
constexpr std::chrono::seconds kMostTime{10};
constexpr std::size_t kMostPageBytes = std::size_t{4} << 20;
constexpr std::string_view kClass = "administration";

void write_error(const Error& error, HttpResponse& response) {
  // What a legal hold keeps is a conflict, no mistake of who asks.
  const bool is_conflict = error.code == ErrorCode::kFailedPrecondition;
  net::write_problem(is_conflict ? 409 : net::http_status(error.code), error.message, response);
}

void refuse_method(std::string_view allowed, HttpResponse& response) {
  net::write_problem(405, "this is asked with another method", response);
  response.headers.add("Allow", allowed);
}

void refuse_busy(std::string_view why, HttpResponse& response) {
  net::write_problem(503, why, response);
  response.headers.add("Retry-After", "1");
}

std::string_view refuse_right(std::string_view right, HttpResponse& response) {
  net::write_problem(403, "this caller has no right `" + std::string(right) + "`", response);
  return right;
}

bool is_get(const HttpRequest& request) {
  return request.method == "GET" || request.method == "HEAD";
}

/// `application/json`, whatever parameters it has.
bool is_json(const HttpRequest& request) {
  const std::string_view type = request.header("Content-Type").value_or("");
  return net::equal_ignoring_case(type.substr(0, type.find_first_of("; ")), "application/json");
}

std::optional<audit_api::OrderKind> find_order(const HttpRequest& request) {
  if (request.path == audit_api::kErasures) return audit_api::OrderKind::kErase;
  if (request.path == audit_api::kReleases) return audit_api::OrderKind::kRelease;
  if (request.path != audit_api::kHolds) return std::nullopt;
  return is_get(request) ? audit_api::OrderKind::kLook : audit_api::OrderKind::kHold;
}

}  // namespace

/// What the index's thread works on, and the answer when it is done.
struct AuditDesk::Job final : net::Unfinished {
  SteadyClock::time_point end = SteadyClock::now() + kMostTime;
  // Who asked, for the record:
  std::string caller, source_address, trace_id;
  std::int64_t time = 0;

  std::atomic<bool> is_given_up = false;  ///< nobody waits for it any more
  std::atomic<bool> is_done = false;      ///< what follows is there
  Result<std::string> answer;             ///< JSON

  event::Event circumstances() const {
    return {.time = time,
            .record_class = kClass,
            .caller = caller,
            .source_address = source_address,
            .trace_id = trace_id};
  }
};

AuditDesk::AuditDesk(AuditLog& audit, LogIndex& index, std::function<void()> ring,
                     FindNames find_names)
    : audit_(audit),
      index_(index),
      ring_(std::move(ring)),
      find_names_(std::move(find_names)),
      tiles_(audit.files(), audit.folder()),
      records_(audit.files(), audit.folder()) {}

std::string_view AuditDesk::answer(const HttpRequest& request, const AuditAsker& asker,
                                   HttpResponse& response) {
  if (request.path == audit_api::kEvents) return answer_events(request, asker, response);
  if (find_order(request)) return answer_order(request, asker, response);
  return answer_tiles(request, asker, response);
}

/// The log is the server's: a caller of one of several tenants would read of the others.
std::string_view AuditDesk::answer_tiles(const HttpRequest& request, const AuditAsker& asker,
                                         HttpResponse& response) {
  if (!asker.caller.may_read_audit || asker.is_of_one_of_several) {
    net::write_problem(
        403, "this caller has no right `audit`, or belongs to one of several tenants", response);
    return "audit";
  }
  const bool is_of_cosigned = request.path.starts_with(audit_api::kCosignedPrefix);
  const Published published = is_of_cosigned ? published_cosigned() : published_latest(request);
  audit_api::answer(request,
                    {.tiles = tiles_,
                     .records = records_,
                     .prefix = is_of_cosigned ? audit_api::kCosignedPrefix : audit_api::kPrefix,
                     .checkpoint = published.checkpoint,
                     .size = published.size},
                    response);
  return {};
}

AuditDesk::Published AuditDesk::published_latest(const HttpRequest& request) {
  // The size first: the checkpoint that is read after it covers at least as much.
  const std::uint64_t size = audit_.log().status().checkpoint_size;
  std::string checkpoint = audit_.log().checkpoint();
  if (audit_.has_witnesses() && request.path.ends_with("/checkpoint")) {
    checkpoint = audit::with_cosignatures(std::move(checkpoint), cosigned());
  }
  return {.checkpoint = std::move(checkpoint), .size = size};
}

AuditDesk::Published AuditDesk::published_cosigned() {
  auto found = cosigned();
  if (!found) return {};
  // Never more than the log has, whatever lies in its folder.
  const std::uint64_t size =
      std::min(found->checkpoint.head.size, audit_.log().status().checkpoint_size);
  return {.checkpoint = std::move(found->note), .size = size};
}

std::optional<audit::CosignedCheckpoint> AuditDesk::cosigned() {
  return audit::read_cosigned(audit_.files(), audit_.folder(), audit_.cosigned_policy());
}

std::string_view AuditDesk::answer_events(const HttpRequest& request, const AuditAsker& asker,
                                          HttpResponse& response) {
  if (!is_get(request)) {
    refuse_method("GET, HEAD", response);
    return {};
  }
  if (!asker.caller.may_read_audit) return refuse_right("audit", response);
  if (request.unfinished != nullptr) {
    go_on(request.unfinished, response);
    return {};
  }
  auto asked = audit_api::read_events_request(request.query, asker.sight);
  if (!asked) {
    write_error(asked.error(), response);
    return asked.error().code == ErrorCode::kPermissionDenied ? "disclose" : std::string_view();
  }
  // On the index's thread, which outlives this desk.
  const auto read = [&audit = audit_, asked = *std::move(asked)](
                        const Job& job, const audit_api::Indexed& indexed) -> Result<std::string> {
    auto page = TRY(audit_api::find_page(indexed, asked, kMostPageBytes));
    std::vector<std::string> notes;
    std::vector<std::string_view> note_views;
    const auto recorded = audit.record_now(
        audit_api::reading_event(asked, page.count, job.circumstances(), notes, note_views));
    if (!recorded) {
      if (audit.on_failure(kClass) != config::OnFailure::kProceed) {
        return std::unexpected(recorded.error());
      }
      audit.note_unrecorded();
    }
    return std::move(page.json);
  };
  begin(request, asker, read, response);
  return {};
}

std::string_view AuditDesk::answer_order(const HttpRequest& request, const AuditAsker& asker,
                                         HttpResponse& response) {
  const audit_api::OrderKind kind = *find_order(request);
  const bool is_erasure = kind == audit_api::OrderKind::kErase;
  const bool is_look = kind == audit_api::OrderKind::kLook;
  if (!is_look && request.method != "POST") {
    refuse_method(request.path == audit_api::kHolds ? "GET, HEAD, POST" : "POST", response);
    return {};
  }
  const authn::AuditRights& rights = asker.caller.audit;
  if (!(is_erasure ? rights.may_erase : rights.may_hold)) {
    return refuse_right(is_erasure ? "erase" : "hold", response);
  }
  if (request.unfinished != nullptr) {
    go_on(request.unfinished, response);
    return {};
  }
  if (!is_look && !is_json(request)) {
    net::write_problem(415, "`Content-Type` must be application/json", response);
    return {};
  }
  auto order = is_look ? audit_api::read_look(request.query, asker.sight)
                       : audit_api::read_order(kind, request.body, asker.sight);
  if (!order) {
    write_error(order.error(), response);
    return order.error().code == ErrorCode::kPermissionDenied ? "tenant" : std::string_view();
  }
  // On the index's thread, which outlives this desk.
  const auto carry_out = [&audit = audit_, find_names = find_names_, asked = *std::move(order)](
                             const Job& job, const audit_api::Indexed&) -> Result<std::string> {
    audit_api::Order named = asked;
    if (find_names) named.other_names = TRY(find_names(asked));
    return audit_api::carry_out(
        named, audit.keys(), job.circumstances(),
        [&audit](const event::Event& event) { return audit.record_now(event); });
  };
  begin(request, asker, carry_out, response);
  return {};
}

void AuditDesk::begin(
    const HttpRequest& request, const AuditAsker& asker,
    std::function<Result<std::string>(const Job&, const audit_api::Indexed&)> work,
    HttpResponse& response) {
  const auto job = std::make_shared<Job>();
  job->caller = asker.caller.caller.id;
  job->source_address = request.remote_address;
  job->trace_id = trace_id_of(request);
  job->time = asker.now;
  const bool is_asked = index_.ask(
      [job, work = std::move(work), ring = ring_](const Result<audit_api::Indexed>& indexed) {
        // Nobody waits any more: its connection ended, or its time is over.
        if (job->is_given_up || job.use_count() == 1) return;
        job->answer = indexed ? work(*job, *indexed) : std::unexpected(indexed.error());
        job->is_done = true;
        ring();
      });
  if (!is_asked) {
    return refuse_busy("too much is asked of the audit log at once; try again", response);
  }
  response.unfinished = job;
}

void AuditDesk::go_on(const std::shared_ptr<net::Unfinished>& unfinished, HttpResponse& response) {
  const auto job = std::static_pointer_cast<Job>(unfinished);
  if (!job->is_done) {
    if (SteadyClock::now() < job->end) {
      response.unfinished = unfinished;
      return;
    }
    job->is_given_up = true;
    return refuse_busy(
        "the audit log takes too long to answer; whether what was ordered is done is "
        "not known: ask again",
        response);
  }
  response.headers.add("Cache-Control", "no-store");
  if (!job->answer) return write_error(job->answer.error(), response);
  response.content_type = "application/json";
  response.body = *std::move(job->answer);
}

}  // namespace wardlock::server
