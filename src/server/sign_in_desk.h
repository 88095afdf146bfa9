#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "net/http.h"
#include "server/entrance.h"
#include "server/world.h"

namespace wardlock::server {

/// Where somebody came in.
struct Visitor {
  const ServedTenant& tenant;
  std::string_view public_url;  ///< the configuration's; may be empty
  std::int64_t now = 0;         ///< ms since the epoch
};

/// Answers what the browsers of one thread ask of the pages. What hashes a password is worked on by
/// the threads for that, the rest by the directory's; answers come when they are asked for again
/// (`HttpResponse::unfinished`), and go out when it is on disk who signed in.
class SignInDesk {
 public:
  /// The entrance outlives it. `ring` has the thread's requests asked again; any thread calls it,
  /// also after this is gone.
  SignInDesk(Entrance& entrance, std::function<void()> ring);

  /// Style, script and pictures, at once.
  void answer_asset(const net::HttpRequest& request, std::string_view base_path,
                    net::HttpResponse& response) const;

  /// Has it worked on. Returns why it was refused, a word for machines, or nothing.
  std::string_view begin(const net::HttpRequest& request, const Visitor& visitor,
                         net::HttpResponse& response);
  /// Answers what was begun, when it is done. Returns as `begin`.
  std::string_view go_on(const std::shared_ptr<net::Unfinished>& unfinished,
                         net::HttpResponse& response);

 private:
  struct Job;

  net::AnswerGate::State recorded(const Job& job) const;

  Entrance& entrance_;
  const std::function<void()> ring_;
};

}  // namespace wardlock::server
