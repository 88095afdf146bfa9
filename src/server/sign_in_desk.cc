#include "server/sign_in_desk.h"

#include <atomic>
#include <chrono>
#include <optional>
#include <utility>

#include "api/account/endpoints.h"
#include "api/account/provider_pages.h"
#include "api/authzen/metadata.h"
#include "server/audit_trail.h"
#include "server/directory_job.h"
#include "server/sign_in_record.h"

namespace wardlock::server {
namespace {

using net::HttpRequest;
using net::HttpResponse;
using SteadyClock = std::chrono::steady_clock;

/// A person waits for it.
constexpr std::chrono::seconds kMostTime{30};

void refuse_busy(std::string_view why, HttpResponse& response) {
  net::write_problem(503, why, response);
  response.headers.add("Retry-After", "2");
}

/// What takes the time of a password's hash, or of servers that say whether a card was revoked.
bool takes_long(const HttpRequest& request, std::string_view path) {
  return request.method == "POST" &&
         (path == "/sign-in" || path == "/sign-in/card" || path == "/account/password" ||
          path == "/account/pin" || path == "/unlock");
}

/// Who does it: what waits for somebody else holds up nobody who does not.
ErrandOffice& office_of(Entrance& entrance, const HttpRequest& request, std::string_view path) {
  if (account::asks_provider(request.method, path)) return entrance.abroad();
  return takes_long(request, path) ? entrance.hashing() : *entrance.directory().office;
}

/// Where the listener for cards has an address of its own, its pages are at that address.
std::string_view public_url_of(const config::Authentication& settings, const HttpRequest& request,
                               std::string_view usual) {
  constexpr std::string_view kScheme = "https://";
  if (!settings.cards || settings.cards->url.empty()) return usual;
  const std::string_view url = settings.cards->url;
  const bool is_there = request.header("Host") == url.substr(kScheme.size());
  return is_there ? url : usual;
}

}  // namespace

struct SignInDesk::Job final : net::Unfinished {
  Job(CopiedRequest what, const Visitor& visitor, std::string url)
      : request(std::move(what)),
        tenant_name(visitor.tenant.name),
        base_path(visitor.tenant.base_path),
        base_url(std::move(url)),
        now(visitor.now) {}

  void work_on(Entrance& entrance);

  SteadyClock::time_point end = SteadyClock::now() + kMostTime;
  CopiedRequest request;
  std::optional<net::PeerCertificate> certificate = {};  ///< that the client has shown
  const std::string tenant_name, base_path, base_url;
  const std::int64_t now;
  net::HttpResponse response = {};
  net::Tickets tickets = {};              ///< of what was recorded for it
  std::atomic<bool> is_given_up = false;  ///< nobody waits for it any more
  std::atomic<bool> is_done = false;      ///< `response` is there
};

void SignInDesk::Job::work_on(Entrance& entrance) {
  HttpRequest asked = request.view();
  if (certificate) asked.peer_certificate = &*certificate;
  Directory& directory = entrance.directory();
  std::optional<AuditTrail> trail;
  if (directory.index != nullptr) trail.emplace(*directory.index);
  const auto tell = [&](event::Event& event) -> Result<void> {
    entrance.tally().count(event);
    tickets.add(TRY(record_sign_in(directory, event)));
    return {};
  };
  account::answer(entrance.parts(),
                  {.request = asked,
                   .tenant = directory_tenant(tenant_name),
                   .tenant_name = tenant_name,
                   .base_path = base_path,
                   .base_url = base_url,
                   .environment = entrance.settings().environment_of(asked.remote_address),
                   .now = now,
                   .tell = tell,
                   .trail = trail ? &*trail : nullptr},
                  response);
  request.wipe_body();
}

SignInDesk::SignInDesk(Entrance& entrance, std::function<void()> ring)
    : entrance_(entrance), ring_(std::move(ring)) {
  SharedRecorder* recorder = entrance.directory().decisions.get();
  if (recorder != nullptr) recorder->on_change(ring_);
}

void SignInDesk::answer_asset(const HttpRequest& request, std::string_view base_path,
                              HttpResponse& response) const {
  if (request.method != "GET" && request.method != "HEAD") {
    net::write_problem(405, "ask with GET", response);
    return response.headers.add("Allow", "GET, HEAD");
  }
  HttpRequest own = request;
  own.path.remove_prefix(base_path.size());
  if (!entrance_.pages().answer_asset(own, response)) {
    net::write_problem(404, "there is nothing here", response);
  }
}

std::string_view SignInDesk::begin(const HttpRequest& request, const Visitor& visitor,
                                   HttpResponse& response) {
  const std::string_view path = request.path.substr(visitor.tenant.base_path.size());
  const std::string_view url = public_url_of(entrance_.settings(), request, visitor.public_url);
  auto base_url = authzen::base_url(request, url, visitor.tenant.base_path);
  if (!base_url) {
    net::write_problem(400, base_url.error().message, response);
    return {};
  }
  const auto job =
      std::make_shared<Job>(CopiedRequest(request, path), visitor, *std::move(base_url));
  if (request.peer_certificate != nullptr) job->certificate = *request.peer_certificate;
  ErrandOffice& office = office_of(entrance_, request, path);
  const std::string asker = "pages " + std::string(request.remote_address);
  const bool is_asked =
      office.ask(asker, job->request.size(), [job, &entrance = entrance_, ring = ring_] {
        // Nobody waits any more: its connection ended before it was begun.
        if (job->is_given_up || job.use_count() == 1) return;
        job->work_on(entrance);
        job->is_done = true;
        ring();
      });
  if (!is_asked) {
    refuse_busy("many people are signing in just now; try again in a moment", response);
    return "busy";
  }
  response.unfinished = job;
  return {};
}

std::string_view SignInDesk::go_on(const std::shared_ptr<net::Unfinished>& unfinished,
                                   HttpResponse& response) {
  const auto job = std::static_pointer_cast<Job>(unfinished);
  const bool is_late = SteadyClock::now() >= job->end;
  if (!job->is_done) {
    if (!is_late) {
      response.unfinished = unfinished;
      return {};
    }
    job->is_given_up = true;
    refuse_busy("many people are signing in just now; try again in a moment", response);
    return "busy";
  }
  const auto state = recorded(*job);
  if (state == net::AnswerGate::State::kClosed && !is_late) {
    response.unfinished = unfinished;
    return {};
  }
  if (state != net::AnswerGate::State::kOpen) {
    refuse_busy(
        "the audit log can't be written now, and nobody signs in who is not on record; "
        "use the emergency access at the device",
        response);
    return "unrecorded";
  }
  response = std::move(job->response);
  return {};
}

net::AnswerGate::State SignInDesk::recorded(const Job& job) const {
  SharedRecorder* recorder = entrance_.directory().decisions.get();
  return recorder == nullptr ? net::AnswerGate::State::kOpen : recorder->state(job.tickets);
}

}  // namespace wardlock::server
