#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "net/http.h"
#include "server/entrance.h"
#include "server/identity_provider.h"
#include "server/sign_in_desk.h"

namespace wardlock::server {

/// Answers what applications ask of the identity provider over HTTP. It is worked on by the
/// directory's threads, which may wait for the database; answers come when they are asked for again
/// (`HttpResponse::unfinished`).
class OauthDesk {
 public:
  /// All outlive it. `ring` has the thread's requests asked again; any thread calls it, also after
  /// this is gone.
  OauthDesk(IdentityProvider& provider, Entrance& entrance, std::function<void()> ring)
      : provider_(provider), entrance_(entrance), ring_(std::move(ring)) {}

  /// Has it worked on. Returns why it was refused, a word for machines, or nothing.
  std::string_view begin(const net::HttpRequest& request, const Visitor& visitor,
                         net::HttpResponse& response);
  /// Answers what was begun, when it is done. Returns as `begin`.
  std::string_view go_on(const std::shared_ptr<net::Unfinished>& unfinished,
                         net::HttpResponse& response);

 private:
  struct Job;

  IdentityProvider& provider_;
  Entrance& entrance_;
  const std::function<void()> ring_;
};

}  // namespace wardlock::server
