#pragma once

#include <expected>
#include <memory>
#include <optional>
#include <string_view>

#include "authn/authenticate.h"
#include "authn/failure_throttle.h"
#include "base/arena.h"
#include "config/config.h"
#include "net/http.h"
#include "net/loopback_guard.h"
#include "server/credential_index.h"
#include "server/directory_holder.h"
#include "server/metrics.h"
#include "server/request_trail.h"
#include "server/token_reader.h"
#include "server/world.h"

namespace wardlock::server {

/// Finds out who asks, whether their browser was made to, and whether they may ask that much. What
/// it finds is noted in the request's trail; whom it turns away it answers. Of one thread.
class Gatekeeper {
 public:
  /// Borrows all. `credentials`: the directory's; null: there is none. `provider`: whose access
  /// tokens people administer with, and callers ask with; null: there are none.
  Gatekeeper(const config::Config& config, authn::FailureThrottle& throttle,
             const CredentialIndex* credentials, IdentityProvider* provider, MetricsShard& shard);

  /// A server that has names answers to no other; and a web page must not make a browser ask.
  std::optional<net::Refusal> refuse_host(const net::HttpRequest& request,
                                          RequestTrail& trail) const;

  /// Who asks; or null, and the answer to somebody who could not say.
  const authn::KnownCaller* identify(const World& world, const net::HttpRequest& request,
                                     RequestTrail& trail, net::HttpResponse& response);

  /// Who asks of the directory: by a credential of it, or by an access token; nothing: they have
  /// none that is good, and are answered. What they ask through goes into the arena.
  std::optional<DirectoryHolder> identify_holder(const World& world,
                                                 const net::HttpRequest& request, Arena& arena,
                                                 RequestTrail& trail, net::HttpResponse& response);

  /// For one question beside decisions, or a refusal: each is recorded, and a caller must not fill
  /// the log with them. False: it has used up its quota, which is the answer.
  bool charge(const authn::KnownCaller& caller, RequestTrail& trail, net::HttpResponse& response);
  bool charge(authn::RateLimit& limit, RequestTrail& trail, net::HttpResponse& response);

 private:
  std::shared_ptr<const KnownCredential> find_credential(const net::HttpRequest& request) const;
  std::expected<std::optional<DirectoryHolder>, TokenRefusal> find_by_token(
      const World& world, const net::HttpRequest& request, const RequestTrail& trail) const;
  /// The caller that the tenant's OAuth client is whose access token came. Null: none came.
  std::expected<const authn::KnownCaller*, TokenRefusal> find_client(
      const World& world, const net::HttpRequest& request, const RequestTrail& trail) const;
  void refuse(const TokenRefusal& refusal, const net::HttpRequest& request, RequestTrail& trail,
              net::HttpResponse& response);
  bool is_throttled(const net::HttpRequest& request, RequestTrail& trail,
                    net::HttpResponse& response);
  void note(authn::Rejection rejection, RequestTrail& trail);

  const config::Config& config_;
  authn::FailureThrottle& throttle_;
  const CredentialIndex* credentials_;
  TokenReader tokens_;
  MetricsShard& shard_;
  std::optional<authn::KnownCaller> anonymous_;
};

}  // namespace wardlock::server
