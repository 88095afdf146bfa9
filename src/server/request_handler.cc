#include "server/request_handler.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "administration/errand.h"
#include "api/admin/openapi.h"
#include "api/authzen/endpoints.h"
#include "api/authzen/openapi.h"
#include "api/authzen/request_checks.h"
#include "api/forward/forward_auth.h"
#include "base/arena.h"
#include "base/version.h"
#include "base/wall_clock.h"
#include "server/audit_desk.h"
#include "server/bell.h"
#include "server/decision_event.h"
#include "server/directory_desk.h"
#include "server/gatekeeper.h"
#include "server/meter.h"
#include "server/oauth_desk.h"
#include "server/readiness.h"
#include "server/recorder.h"
#include "server/request_trail.h"
#include "server/sign_in_desk.h"
#include "server/subject_reader.h"
#include "server/trace_context.h"

namespace wardlock::server {
namespace {

using net::HttpRequest;
using net::HttpResponse;
using SteadyClock = std::chrono::steady_clock;

constexpr std::size_t kRequestBytes = std::size_t{64} << 10;

/// How long a question waits for a change of the directory.
constexpr std::chrono::seconds kRevisionWait{2};

/// A question that waits for one.
struct RevisionWait final : net::Unfinished {
  explicit RevisionWait(SteadyClock::time_point end) : until(end) {}
  const SteadyClock::time_point until;
};

Result<std::uint64_t> read_revision_wait(std::string_view header, const ServedTenant& tenant) {
  std::uint64_t revision = 0;
  const auto [end, error] = std::from_chars(header.data(), header.data() + header.size(), revision);
  if (error != std::errc() || end != header.data() + header.size()) {
    return invalid("`Wardlock-Revision` is a revision of the directory: a whole number");
  }
  if (tenant.directory == nullptr) {
    return invalid("there is no directory here whose revision could be waited for");
  }
  return revision;
}

/// Whatever answers it: AuthZEN's own endpoints have done it already.
void echo_request_id(const HttpRequest& request, HttpResponse& response) {
  constexpr std::string_view kName = "X-Request-ID";
  const auto is_it = [&](const auto& field) { return net::equal_ignoring_case(field.name, kName); };
  if (std::ranges::any_of(response.headers, is_it)) return;
  const auto id = authzen::request_id(request);
  if (id && *id) response.headers.add(kName, **id);
}

/// Answers the requests of one thread.
class RequestHandler {
 public:
  explicit RequestHandler(const ServingParts& parts)
      : parts_(parts),
        reader_(parts.published),
        shard_(parts.metrics.add_shard()),
        gatekeeper_(parts.config, parts.throttle,
                    parts.directory == nullptr ? nullptr : parts.directory->credentials.get(),
                    parts.provider, shard_),
        subjects_(parts.entrance, parts.provider) {
    open_desks();
  }

  /// Holds answers back until their records are on disk, and tells of answers that are there; null
  /// where neither is needed.
  std::shared_ptr<net::AnswerGate> gate() const {
    if (recorder_ != nullptr) return recorder_;
    return bell_;
  }

  void answer(const HttpRequest& request, HttpResponse& response) {
    const auto begin = SteadyClock::now();
    RequestTrail trail{.place = find_place(request.path)};
    reader_.read([&](const World& world) {
      answer_from(world, request, trail, response);
      if (response.unfinished != nullptr) return;  // it will be asked again
      echo_request_id(request, response);
      const auto took = SteadyClock::now() - begin;
      shard_.count_response(trail.place.route, response.status, took);
      log(request, response, trail, took);
      if (recorder_ != nullptr) record_refusal(request, trail);
    });
    arena_.reset();
  }

 private:
  void open_desks() {
    if (parts_.recording != nullptr) {
      AuditLog& audit = *parts_.recording->audit;
      recorder_ = std::make_shared<Recorder>(audit);
      audit_desk_.emplace(audit, *parts_.recording->index, recorder_->bell(), find_names());
    }
    if (parts_.directory == nullptr) return;
    if (recorder_ == nullptr) bell_ = std::make_shared<Bell>();
    const std::function<void()> ring = recorder_ != nullptr ? recorder_->bell() : bell_->ring();
    directory_desk_.emplace(*parts_.directory, ring);
    if (parts_.entrance != nullptr) sign_in_desk_.emplace(*parts_.entrance, ring);
    if (parts_.entrance != nullptr && parts_.provider != nullptr) {
      oauth_desk_.emplace(*parts_.provider, *parts_.entrance, ring);
    }
    parts_.directory->followed.add(ring);  // questions may wait for a revision
  }

  AuditDesk::FindNames find_names() const {
    if (parts_.directory == nullptr) return nullptr;
    return [directory = parts_.directory](const audit_api::Order& order) {
      return find_other_names(*directory->store, directory->known_by, order.tenant,
                              {.type = order.type, .id = order.id});
    };
  }

  void answer_from(const World& world, const HttpRequest& request, RequestTrail& trail,
                   HttpResponse& response) {
    const Place& place = trail.place;
    if (const auto refusal = gatekeeper_.refuse_host(request, trail)) {
      return write_error(place.route, refusal->status, refusal->detail, response);
    }
    switch (place.route) {
      case Route::kHealth: return report(request, {.report = {{"status", "ok"}}}, response);
      case Route::kReady:
        return report(request,
                      readiness(world, parts_.config, parts_.recording, parts_.directory,
                                parts_.is_draining.load(), wall_clock_ms()),
                      response);
      case Route::kMetadata:
      case Route::kOpenApi: return describe(world, request, place, response);
      case Route::kScim:
      case Route::kAdmin:
      case Route::kDelegations:
      case Route::kFhir:
      case Route::kRequests:
      case Route::kBreakGlass: return ask_directory(world, request, trail, response);
      case Route::kPage:
      case Route::kAsset: return show_page(world, request, trail, response);
      case Route::kOauth: return ask_provider(world, request, trail, response);
      default: break;
    }
    const authn::KnownCaller* caller = gatekeeper_.identify(world, request, trail, response);
    if (caller == nullptr) return;
    if (place.route == Route::kMetrics) return report_metrics(world, request, *caller, response);
    if (place.route == Route::kAudit) return ask_audit(world, request, *caller, trail, response);
    ask(world, request, *caller, trail, response);
  }

  static void refuse_method(HttpResponse& response) {
    net::write_problem(405, "ask with GET", response);
    response.headers.add("Allow", "GET, HEAD");
  }
  static bool is_get(const HttpRequest& request) {
    return request.method == "GET" || request.method == "HEAD";
  }

  static void report(const HttpRequest& request, const Readiness& readiness,
                     HttpResponse& response) {
    if (!is_get(request)) return refuse_method(response);
    response.status = readiness.is_ready ? 200 : 503;
    response.content_type = "application/json";
    response.headers.add("Cache-Control", "no-store");
    response.body = codec::to_json_text(readiness.report);
  }

  /// The interface is no secret; whose it is, is found out by its path.
  void describe(const World& world, const HttpRequest& request, const Place& place,
                HttpResponse& response) {
    for (const ServedTenant& tenant : world.tenants) {
      if (tenant.base_path != place.base_path) continue;
      if (place.route == Route::kOpenApi && parts_.directory != nullptr && is_get(request)) {
        // Both are made when the program is built: what they are together stays, too.
        static const std::string whole = admin::joined_with_openapi(authzen::kOpenApi);
        response.content_type = "application/json";
        response.headers.add("Cache-Control", "max-age=300");
        response.body = whole;
        return;
      }
      return authzen::answer(request, surroundings(tenant, kNobody, nullptr), response);
    }
    write_error(place.route, 404, "there is nothing here", response);
  }

  /// Who asks is found out there, by the session.
  void show_page(const World& world, const HttpRequest& request, RequestTrail& trail,
                 HttpResponse& response) {
    const auto tenant =
        std::ranges::find(world.tenants, trail.place.base_path, &ServedTenant::base_path);
    if (!sign_in_desk_ || tenant == world.tenants.end()) {
      return write_error(trail.place.route, 404, "there is nothing here", response);
    }
    trail.tenant = tenant->name;
    if (trail.place.route == Route::kAsset) {
      return sign_in_desk_->answer_asset(request, trail.place.base_path, response);
    }
    trail.refusal = request.unfinished != nullptr
                        ? sign_in_desk_->go_on(request.unfinished, response)
                        : sign_in_desk_->begin(request,
                                               {.tenant = *tenant,
                                                .public_url = parts_.config.public_url,
                                                .now = wall_clock_ms()},
                                               response);
  }

  /// Which client asks, or whose session it is, is found out there.
  void ask_provider(const World& world, const HttpRequest& request, RequestTrail& trail,
                    HttpResponse& response) {
    const auto tenant =
        std::ranges::find(world.tenants, trail.place.base_path, &ServedTenant::base_path);
    if (!oauth_desk_ || tenant == world.tenants.end()) {
      return write_error(trail.place.route, 404, "there is nothing here", response);
    }
    trail.tenant = tenant->name;
    trail.refusal = request.unfinished != nullptr
                        ? oauth_desk_->go_on(request.unfinished, response)
                        : oauth_desk_->begin(request,
                                             {.tenant = *tenant,
                                              .public_url = parts_.config.public_url,
                                              .now = wall_clock_ms()},
                                             response);
  }

  void ask_directory(const World& world, const HttpRequest& request, RequestTrail& trail,
                     HttpResponse& response) {
    if (!directory_desk_)
      return write_error(trail.place.route, 404, "there is no directory here", response);
    if (request.unfinished != nullptr) {
      // Who asked was known when it was begun; it may be that very credential that it revoked.
      trail.caller = arena_.copy(DirectoryDesk::caller_of(*request.unfinished));
      trail.refusal = directory_desk_->go_on(request.unfinished, response);
      return;
    }
    const auto holder = gatekeeper_.identify_holder(world, request, arena_, trail, response);
    if (!holder) return;
    const auto is_its = [&](const ServedTenant& tenant) {
      return tenant.base_path == trail.place.base_path &&
             directory_tenant(tenant.name) == holder->tenant;
    };
    const auto tenant = std::ranges::find_if(world.tenants, is_its);
    if (!gatekeeper_.charge(*holder->limit, trail, response)) return;
    if (tenant == world.tenants.end()) {
      trail.refusal = "tenant";
      return write_error(trail.place.route, 403, "this credential may not ask here", response);
    }
    trail.tenant = tenant->name;
    trail.refusal = directory_desk_->begin(request,
                                           {.holder = *holder,
                                            .place = trail.place,
                                            .public_url = parts_.config.public_url,
                                            .now = wall_clock_ms()},
                                           response);
  }

  void ask(const World& world, const HttpRequest& request, const authn::KnownCaller& caller,
           RequestTrail& trail, HttpResponse& response) {
    const Place& place = trail.place;
    const ServedTenant* tenant = caller.tenant ? &world.tenants.at(*caller.tenant) : nullptr;
    const bool is_own = tenant != nullptr && tenant->base_path == place.base_path;
    if (!is_own && place.route != Route::kOther) {
      if (!gatekeeper_.charge(caller, trail, response)) return;
      trail.refusal = "tenant";
      return write_error(place.route, 403, "this caller may not ask here", response);
    }
    if (tenant == nullptr) return net::write_problem(404, "there is nothing here", response);
    trail.tenant = tenant->name;
    const Occasion occasion{.request = request,
                            .tenant = tenant->name,
                            .node = node(),
                            .now = wall_clock_ms(),
                            .directory_revision = tenant->directory_revision};
    if (waits_for_revision(request, *tenant, trail, response)) return;
    const Books books{
        .shard = shard_, .trail = trail, .recorder = recorder_.get(), .tickets = response.tickets};
    Meter meter(caller, *tenant, occasion, arena_, books);
    if (place.route == Route::kForwardAuth) {
      forward::Surroundings from = forward_surroundings(*tenant, caller.caller, meter);
      if (!read_subject(request, *tenant, caller, trail, response, from)) return;
      forward::answer(request, from, response);
    } else {
      authzen::Surroundings from = surroundings(*tenant, caller.caller, &meter);
      if (!read_subject(request, *tenant, caller, trail, response, from)) return;
      authzen::answer(request, from, response);
    }
    // A search that found something before its quota ended is answered.
    if (!meter.wait() || response.status == 200) return;
    trail.refusal = meter.refusal();
    add_retry(*meter.wait(), response);
  }

  /// Whose token came with a question. False: one came that is good for nothing, and is answered.
  template <typename Surroundings>
  bool read_subject(const HttpRequest& request, const ServedTenant& tenant,
                    const authn::KnownCaller& caller, RequestTrail& trail, HttpResponse& response,
                    Surroundings& from) {
    const auto subject = subjects_.read({.request = request,
                                         .tenant = tenant,
                                         .public_url = parts_.config.public_url,
                                         .now = from.now},
                                        arena_);
    if (subject) {
      from.verified = *subject;
      return true;
    }
    if (!gatekeeper_.charge(caller, trail, response)) return false;
    trail.refusal = "subject-token";
    const int status = net::http_status(subject.error().code);
    write_error(trail.place.route, status, subject.error().message, response);
    if (status == 401) {
      response.headers.add("WWW-Authenticate", R"(Wardlock-Subject-Token error="invalid_token")");
    }
    return false;
  }

  /// A question may ask to be decided by what the directory has been since one of its changes.
  /// True: it waits, or is answered.
  static bool waits_for_revision(const HttpRequest& request, const ServedTenant& tenant,
                                 RequestTrail& trail, HttpResponse& response) {
    const auto header = request.header(administration::kRevisionHeader);
    if (!header) return false;
    const auto wanted = read_revision_wait(*header, tenant);
    if (!wanted) {
      trail.refusal = "revision";
      write_error(trail.place.route, 400, wanted.error().message, response);
      return true;
    }
    if (tenant.directory_revision >= *wanted) return false;
    const SteadyClock::time_point now = SteadyClock::now();
    const auto wait = std::static_pointer_cast<RevisionWait>(request.unfinished);
    if (wait == nullptr || now < wait->until) {
      response.unfinished =
          wait != nullptr ? wait : std::make_shared<RevisionWait>(now + kRevisionWait);
      return true;
    }
    trail.refusal = "revision";
    write_error(trail.place.route, 503,
                "decisions do not follow the directory so far yet; ask again", response);
    add_retry(std::chrono::seconds(1), response);
    return true;
  }

  std::string_view node() const {
    return recorder_ == nullptr ? std::string_view() : recorder_->node();
  }

  /// Of who was turned away before anything was asked. Only of those whom something slows down (a
  /// caller by its quota, who names a wrong credential by the throttle), so that nobody can fill
  /// the log.
  void record_refusal(const HttpRequest& request, const RequestTrail& trail) {
    using enum authn::Rejection;
    const std::string_view why = trail.refusal;
    if (why.empty() || why == to_string(kNoCredentials) || why == to_string(kThrottled) ||
        why == "quota" || why == "share" || why == "host" || why == "origin") {
      return;
    }
    if (trail.is_one_of_too_many) return recorder_->note_unrecorded();
    const Occasion occasion{
        .request = request, .tenant = trail.tenant, .node = node(), .now = wall_clock_ms()};
    recorder_->record_refusal(refusal_event(occasion, trail.caller, trail.refusal, new_id(arena_)));
  }

  authzen::Surroundings surroundings(const ServedTenant& tenant, const pdp::Caller& caller,
                                     pdp::Observer* observer) {
    return {.snapshot = *tenant.snapshot,
            .caller = caller,
            .arena = arena_,
            .now = wall_clock_ms(),
            .new_id = &new_id,
            .page_key = parts_.page_key,
            .base_path = tenant.base_path,
            .public_url = parts_.config.public_url,
            .max_evaluations = parts_.config.max_batch,
            .max_steps = parts_.config.decision_steps,
            .observer = observer,
            .canary = tenant.canary_policies()};
  }

  forward::Surroundings forward_surroundings(const ServedTenant& tenant, const pdp::Caller& caller,
                                             pdp::Observer& observer) {
    return {.snapshot = *tenant.snapshot,
            .caller = caller,
            .arena = arena_,
            .now = wall_clock_ms(),
            .new_id = &new_id,
            .max_steps = parts_.config.decision_steps,
            .observer = &observer,
            .canary = tenant.canary_policies()};
  }

  void ask_audit(const World& world, const HttpRequest& request, const authn::KnownCaller& caller,
                 RequestTrail& trail, HttpResponse& response) {
    if (request.unfinished == nullptr && !gatekeeper_.charge(caller, trail, response)) return;
    if (!audit_desk_) return net::write_problem(404, "nothing is recorded here", response);
    const bool has_several = world.tenants.size() > 1;
    AuditAsker asker{.caller = caller,
                     .sight = {.may_disclose = caller.audit.may_disclose},
                     .is_of_one_of_several = caller.tenant && has_several,
                     .now = wall_clock_ms()};
    if (asker.is_of_one_of_several) {
      asker.sight.tenant = world.tenants.at(*caller.tenant).name;
      trail.tenant = world.tenants.at(*caller.tenant).name;
    }
    if (!has_several) asker.sight.usual_tenant = world.tenants.front().name;
    trail.refusal = audit_desk_->answer(request, asker, response);
  }

  void report_metrics(const World& world, const HttpRequest& request,
                      const authn::KnownCaller& caller, HttpResponse& response) const {
    if (!caller.may_read_metrics) {
      return net::write_problem(403, "this caller has no right `metrics`", response);
    }
    if (!is_get(request)) return refuse_method(response);
    const std::int64_t now = wall_clock_ms();
    Exposition own;
    add_world(world, caller.tenant, now, own);
    if (parts_.net_counters) add_net_counters(parts_.net_counters(), own);
    if (parts_.recording != nullptr) add_recording(*parts_.recording, now, own);
    if (parts_.directory != nullptr) {
      add_directory(*parts_.directory, own);
      add_policy_nodes(world, *parts_.directory, caller.tenant, own);
    }
    if (parts_.entrance != nullptr) parts_.entrance->add_to(own);
    own.single("wardlock_log_lines_dropped_total", "counter",
               "Log lines dropped since they could not be written as fast.",
               static_cast<double>(parts_.log.dropped()));
    own.single("process_start_time_seconds", "gauge", "Since the epoch.",
               static_cast<double>(parts_.started_at) / 1000);
    own.begin("wardlock_build_info", "gauge", "What is running.");
    own.add(label("version", version()) + "," + label("cedar", kCedarLanguageVersion), 1);
    response.content_type = "text/plain; version=0.0.4; charset=utf-8";
    response.headers.add("Cache-Control", "no-store");
    response.body = parts_.metrics.exposition() + own.take();
  }

  /// Refusals always, and answers where that is wanted. Ids, queries and bodies stay out.
  void log(const HttpRequest& request, const HttpResponse& response, const RequestTrail& trail,
           std::chrono::nanoseconds took) const {
    if (trail.refusal.empty() && !parts_.log.has_requests()) return;
    const auto level = trail.refusal.empty() ? config::LogLevel::kInfo : config::LogLevel::kWarning;
    if (!parts_.log.takes(level)) return;
    const TraceContext trace = trace_context(request);
    const LogField fields[] = {
        {"route", to_string(trail.place.route)},
        {"status", response.status},
        {"caller", trail.caller},
        {"tenant", trail.tenant},
        {"decisions", trail.decisions},
        {"remote", request.remote_address},
        {"duration_us", std::chrono::duration_cast<std::chrono::microseconds>(took).count()},
        {"trace_id", trace.trace_id},
        {"span_id", trace.span_id},
        {"reason", trail.refusal},
    };
    if (trail.refusal.empty()) {
      parts_.log.write(level, "request", std::span(fields).first(9));
    } else {
      parts_.log.write(level, "request_refused", fields);
    }
  }

  static inline const pdp::Caller kNobody{.id = "nobody"};

  const ServingParts& parts_;
  PublishedWorld::Reader reader_;
  MetricsShard& shard_;
  Gatekeeper gatekeeper_;
  SubjectReader subjects_;
  std::shared_ptr<Recorder> recorder_;
  std::shared_ptr<Bell> bell_;  ///< where there is no recorder to ring
  std::optional<AuditDesk> audit_desk_;
  std::optional<DirectoryDesk> directory_desk_;
  std::optional<SignInDesk> sign_in_desk_;
  std::optional<OauthDesk> oauth_desk_;
  /// Of the request being answered. What most need is here; more comes from the heap.
  alignas(std::max_align_t) std::array<std::byte, kRequestBytes> memory_;
  Arena arena_{memory_};
};

}  // namespace

net::ServiceFactory make_services(const ServingParts& parts) {
  return [&parts] {
    auto handler = std::make_shared<RequestHandler>(parts);
    return net::Service{
        .handler = [handler](const HttpRequest& request,
                             HttpResponse& response) { handler->answer(request, response); },
        .gate = handler->gate()};
  };
}

}  // namespace wardlock::server
