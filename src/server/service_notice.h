#pragma once

#include <string>
#include <string_view>

namespace wardlock::server {

/// Tells systemd how the service is (sd_notify(3)): a datagram to `$NOTIFY_SOCKET`. Without that
/// variable, and when nobody listens, it does nothing.
class ServiceNotice {
 public:
  /// Reads the variable.
  ServiceNotice();

  void ready() const { send("READY=1"); }
  /// To be followed by `ready`.
  void reloading() const;
  void stopping() const { send("STOPPING=1"); }

 private:
  void send(std::string_view state) const;

  std::string socket_;
};

}  // namespace wardlock::server
