#pragma once

#include <memory>
#include <thread>

#include "authn/oauth/logouts.h"
#include "net/egress.h"
#include "net/interruption.h"
#include "server/log.h"
#include "server/pause.h"

namespace wardlock::server {

/// Brings logout tokens to the applications that want to hear of the end of their sessions
/// (OpenID Connect Back-Channel Logout 1.0, 2.5), on a thread of its own: through the egress rules,
/// again and again for an hour where an application does not take it.
class LogoutCourier {
 public:
  /// `logouts` and `log` outlive it.
  LogoutCourier(oauth::Logouts& logouts, net::Egress egress, Log& log);
  ~LogoutCourier();
  LogoutCourier(const LogoutCourier&) = delete;
  LogoutCourier& operator=(const LogoutCourier&) = delete;

  /// There is something to be sent. Any thread calls it.
  void wake() { pause_.wake(); }

 private:
  void run(const std::stop_token& stop);
  Result<void> send_what_is_due();
  Result<void> send(const oauth::PendingLogout& logout) const;

  oauth::Logouts& logouts_;
  const net::Egress egress_;
  Log& log_;
  net::Interruption interruption_;
  Pause pause_;
  std::jthread running_;  ///< the last member: it uses the others
};

}  // namespace wardlock::server
