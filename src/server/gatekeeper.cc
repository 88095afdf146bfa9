#include "server/gatekeeper.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include "authn/oauth/scope.h"
#include "authn/token.h"
#include "base/wall_clock.h"

namespace wardlock::server {
namespace {

using net::HttpRequest;
using net::HttpResponse;

authn::Ticks ticks() { return std::chrono::steady_clock::now().time_since_epoch().count(); }

}  // namespace

Gatekeeper::Gatekeeper(const config::Config& config, authn::FailureThrottle& throttle,
                       const CredentialIndex* credentials, IdentityProvider* provider,
                       MetricsShard& shard)
    : config_(config),
      throttle_(throttle),
      credentials_(credentials),
      tokens_(provider),
      shard_(shard) {
  if (!config.anonymous) return;
  anonymous_.emplace(authn::KnownCaller{
      .caller = *config.anonymous, .tenant = 0, .may_read_metrics = true, .may_read_audit = true});
}

std::optional<net::Refusal> Gatekeeper::refuse_host(const HttpRequest& request,
                                                    RequestTrail& trail) const {
  const std::vector<std::string>& hosts = config_.allowed_hosts;
  const Route route = trail.place.route;
  std::optional<net::Refusal> refusal;
  if (!request.is_secure) {
    refusal = route == Route::kForwardAuth ? net::refuse_foreign_host(request, hosts)
                                           : net::refuse_foreign_site(request, hosts);
  } else if (!hosts.empty() && route != Route::kHealth && route != Route::kReady &&
             !net::is_host_among(request, hosts)) {
    refusal = {421, "`Host` is none of those that this server is configured for"};
  }
  if (refusal) trail.refusal = refusal->status == 421 ? "host" : "origin";
  return refusal;
}

const authn::KnownCaller* Gatekeeper::identify(const World& world, const HttpRequest& request,
                                               RequestTrail& trail, HttpResponse& response) {
  if (anonymous_) {
    trail.caller = anonymous_->caller.id;
    return &*anonymous_;
  }
  const auto caller = authn::authenticate(request, *world.callers);
  if (caller) {
    trail.caller = (*caller)->caller.id;
    return *caller;
  }
  // What is no token of the configuration may be one of the identity provider.
  if (caller.error().rejection == authn::Rejection::kMalformed) {
    auto by_token = find_client(world, request, trail);
    if (!by_token) {
      refuse(by_token.error(), request, trail, response);
      return nullptr;
    }
    if (*by_token != nullptr) {
      trail.caller = (*by_token)->caller.id;
      return *by_token;
    }
  }
  if (is_throttled(request, trail, response)) return nullptr;
  const authn::Refused& refused = caller.error();
  note(refused.rejection, trail);
  if (refused.rejection != authn::Rejection::kNoCredentials) {
    trail.is_one_of_too_many = !throttle_.note_failure(request.remote_address, ticks());
  }
  write_error(trail.place.route, refused.status, refused.detail, response);
  response.headers.add("WWW-Authenticate", refused.challenge);
  return nullptr;
}

/// Only who fails is slowed down: a stranger at the same address must not lock a caller out.
bool Gatekeeper::is_throttled(const HttpRequest& request, RequestTrail& trail,
                              HttpResponse& response) {
  const auto wait = throttle_.wait(request.remote_address, ticks());
  if (!wait) return false;
  note(authn::Rejection::kThrottled, trail);
  write_error(trail.place.route, 429, "too many failed attempts came from your address", response);
  add_retry(*wait, response);
  return true;
}

std::optional<DirectoryHolder> Gatekeeper::identify_holder(const World& world,
                                                           const HttpRequest& request, Arena& arena,
                                                           RequestTrail& trail,
                                                           HttpResponse& response) {
  auto by_token = find_by_token(world, request, trail);
  if (!by_token) {
    refuse(by_token.error(), request, trail, response);
    return std::nullopt;
  }
  if (*by_token) {
    trail.caller = arena.copy(std::string_view((*by_token)->caller));
    return *std::move(by_token);
  }
  if (const auto credential = find_credential(request)) {
    trail.caller = arena.copy(std::string_view(credential->id));
    return DirectoryHolder(*credential);
  }
  const authn::KnownCaller* caller = identify(world, request, trail, response);
  if (caller == nullptr || !charge(*caller, trail, response)) return std::nullopt;
  trail.refusal = "tenant";
  write_error(trail.place.route, 403,
              "callers of the configuration do not administer; use a credential of the directory",
              response);
  return std::nullopt;
}

std::expected<std::optional<DirectoryHolder>, TokenRefusal> Gatekeeper::find_by_token(
    const World& world, const HttpRequest& request, const RequestTrail& trail) const {
  const auto tenant =
      std::ranges::find(world.tenants, trail.place.base_path, &ServedTenant::base_path);
  if (tenant == world.tenants.end()) return std::nullopt;
  return tokens_.read({.request = request,
                       .tenant = *tenant,
                       .public_url = config_.public_url,
                       .now = wall_clock_ms(),
                       .scope = trail.place.route == Route::kBreakGlass ? oauth::kBreakGlassScope
                                                                        : std::string_view()});
}

std::expected<const authn::KnownCaller*, TokenRefusal> Gatekeeper::find_client(
    const World& world, const HttpRequest& request, const RequestTrail& trail) const {
  const auto tenant =
      std::ranges::find(world.tenants, trail.place.base_path, &ServedTenant::base_path);
  if (tenant == world.tenants.end()) return nullptr;
  const auto client = TRY(tokens_.read_client({.request = request,
                                               .tenant = *tenant,
                                               .public_url = config_.public_url,
                                               .now = wall_clock_ms()}));
  if (!client) return nullptr;
  const auto index = static_cast<std::size_t>(tenant - world.tenants.begin());
  const authn::KnownCaller* const caller = world.callers->find_client(index, *client);
  if (caller == nullptr) {
    return std::unexpected(TokenRefusal{
        .status = 403,
        .detail = "this client is none of the configuration's `callers`: name it there",
        .challenge = {},
        .is_failure = false,
        .word = "caller"});
  }
  // Two callers in one request: whoever has one's token need not be the other.
  const net::PeerCertificate* const certificate = request.peer_certificate;
  const authn::KnownCaller* const other =
      certificate == nullptr
          ? nullptr
          : world.callers->find_certificate(certificate->fingerprint, certificate->names);
  if (other != nullptr && other != caller) {
    return std::unexpected(
        TokenRefusal{.detail = "the certificate and the token are those of two callers",
                     .challenge = "Bearer realm=\"wardlock\"",
                     .word = "mismatch"});
  }
  return caller;
}

void Gatekeeper::refuse(const TokenRefusal& refusal, const HttpRequest& request,
                        RequestTrail& trail, HttpResponse& response) {
  if (refusal.limit != nullptr && !charge(*refusal.limit, trail, response)) return;
  if (refusal.is_failure) {
    if (is_throttled(request, trail, response)) return;
    note(authn::Rejection::kUnknownToken, trail);
    trail.is_one_of_too_many = !throttle_.note_failure(request.remote_address, ticks());
  }
  trail.refusal = refusal.word;
  write_error(trail.place.route, refusal.status, refusal.detail, response);
  if (!refusal.challenge.empty()) response.headers.add("WWW-Authenticate", refusal.challenge);
  if (!refusal.nonce.empty()) response.headers.add("DPoP-Nonce", refusal.nonce);
}

/// The token's, or where there is none the client certificate's.
std::shared_ptr<const KnownCredential> Gatekeeper::find_credential(
    const HttpRequest& request) const {
  const auto token = authn::bearer_token(request);
  if (!token || credentials_ == nullptr) return nullptr;
  const std::int64_t now = wall_clock_ms();
  const net::PeerCertificate* certificate = request.peer_certificate;
  if (*token) {
    const auto hash = authn::token_hash_text(**token);
    return credentials_->find({hash.data(), hash.size()}, now);
  }
  return certificate == nullptr ? nullptr : credentials_->find(certificate->fingerprint, now);
}

void Gatekeeper::note(authn::Rejection rejection, RequestTrail& trail) {
  shard_.count_rejection(rejection);
  trail.refusal = authn::to_string(rejection);
}

bool Gatekeeper::charge(const authn::KnownCaller& caller, RequestTrail& trail,
                        HttpResponse& response) {
  return caller.limit == nullptr || charge(*caller.limit, trail, response);
}

bool Gatekeeper::charge(authn::RateLimit& limit, RequestTrail& trail, HttpResponse& response) {
  const auto wait = limit.take(1, ticks());
  if (!wait) return true;
  shard_.quota_refusals.add();
  trail.refusal = "quota";
  write_error(trail.place.route, 429, "that is more than this caller may ask", response);
  add_retry(*wait, response);
  return false;
}

}  // namespace wardlock::server
