#include "server/oauth_desk.h"

#include <atomic>
#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include "api/account/visit.h"
#include "api/authzen/metadata.h"
#include "api/oidc/endpoints.h"
#include "api/oidc/registration.h"
#include "base/secret.h"
#include "page/cookie.h"
#include "server/directory_job.h"

namespace wardlock::server {
namespace {

using net::HttpRequest;
using net::HttpResponse;
using SteadyClock = std::chrono::steady_clock;

constexpr std::chrono::seconds kMostTime{30};
/// RFC 8414, 3.1: the tenant's path stands behind it.
constexpr std::string_view kServerMetadata = "/.well-known/oauth-authorization-server";

std::string_view own_path(std::string_view path, std::string_view base_path) {
  if (path.starts_with(kServerMetadata)) return kServerMetadata;
  return path.substr(base_path.size());
}

void refuse_busy(HttpResponse& response) {
  net::write_problem(503, "too much is asked of the identity provider at once; try again",
                     response);
  response.headers.add("Retry-After", "1");
}

void refuse_for_now(std::chrono::nanoseconds wait, HttpResponse& response) {
  net::write_problem(429, "too many registrations were tried from there; wait", response);
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(wait);
  response.headers.add("Retry-After", std::to_string(seconds.count()));
}

}  // namespace

struct OauthDesk::Job final : net::Unfinished {
  Job(const HttpRequest& asked, const Visitor& visitor, std::string url)
      : request(asked, own_path(asked.path, visitor.tenant.base_path)),
        authorization(asked.header("Authorization").value_or("")),
        has_authorization(asked.header("Authorization").has_value()),
        tenant_name(visitor.tenant.name),
        base_url(std::move(url)),
        now(visitor.now) {
    if (asked.peer_certificate != nullptr) certificate = *asked.peer_certificate;
  }

  void work_on(IdentityProvider& provider, Entrance& entrance);

  SteadyClock::time_point end = SteadyClock::now() + kMostTime;
  CopiedRequest request;
  Secret authorization;
  bool has_authorization;
  std::optional<net::PeerCertificate> certificate;
  const std::string tenant_name, base_url;
  const std::int64_t now;
  HttpResponse response = {};
  std::atomic<bool> is_given_up = false;  ///< nobody waits for it any more
  std::atomic<bool> is_done = false;      ///< `response` is there
};

void OauthDesk::Job::work_on(IdentityProvider& provider, Entrance& entrance) {
  HttpRequest asked = request.view();
  if (has_authorization) asked.headers.push_back({"Authorization", authorization.reveal()});
  if (certificate) asked.peer_certificate = &*certificate;
  const bool registers = asked.path.starts_with(oidc::kRegistrationPath);
  RegistrationDoor& door = provider.registration_door();
  if (registers) {
    if (const auto wait = door.begin(asked.remote_address)) return refuse_for_now(*wait, response);
  }
  const page::Cookies cookies(asked, tenant_name);
  std::optional<authn::Session> session;
  if (const auto token = cookies.find(account::kSessionCookie)) {
    session = entrance.sessions().find(*token, now);
  }
  oidc::answer(
      asked,
      {.provider = provider.rules(),
       .occasion = {.tenant = std::string(directory_tenant(tenant_name)),
                    .issuer = base_url,
                    .now_ms = now},
       .session = session ? &*session : nullptr,
       .end_session = [&](const authn::Session& ended) -> Result<void> {
         TRY(entrance.sessions().end(ended.tenant, ended.id, authn::EndReason::kSignedOut, now));
         return {};
       },
       .may_register =
           [&](const oauth::Registrant& registrant) {
             return door.check({.tenant = std::string(directory_tenant(tenant_name)),
                                .source_address = std::string(asked.remote_address),
                                .now_ms = now},
                               registrant);
           }},
      response);
  // Who brought what was given to them did not guess.
  if (registers && has_authorization && response.status < 400) door.succeed(asked.remote_address);
  request.wipe_body();
}

std::string_view OauthDesk::begin(const HttpRequest& request, const Visitor& visitor,
                                  HttpResponse& response) {
  auto base_url = authzen::base_url(request, visitor.public_url, visitor.tenant.base_path);
  if (!base_url) {
    net::write_problem(400, base_url.error().message, response);
    return {};
  }
  const auto job = std::make_shared<Job>(request, visitor, *std::move(base_url));
  const std::string asker = "oauth " + std::string(request.remote_address);
  const bool is_asked = entrance_.directory().office->ask(
      asker, job->request.size(),
      [job, &provider = provider_, &entrance = entrance_, ring = ring_] {
        // Nobody waits any more: its connection ended before it was begun.
        if (job->is_given_up || job.use_count() == 1) return;
        job->work_on(provider, entrance);
        job->is_done = true;
        ring();
      });
  if (!is_asked) {
    refuse_busy(response);
    return "busy";
  }
  response.unfinished = job;
  return {};
}

std::string_view OauthDesk::go_on(const std::shared_ptr<net::Unfinished>& unfinished,
                                  HttpResponse& response) {
  const auto job = std::static_pointer_cast<Job>(unfinished);
  if (!job->is_done) {
    if (SteadyClock::now() < job->end) {
      response.unfinished = unfinished;
      return {};
    }
    job->is_given_up = true;
    refuse_busy(response);
    return "busy";
  }
  response = std::move(job->response);
  return {};
}

}  // namespace wardlock::server
