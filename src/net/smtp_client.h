#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "base/error.h"
#include "base/secret.h"
#include "net/client_tls_files.h"
#include "net/interruption.h"
#include "net/mail.h"

namespace wardlock::net {

/// A server that takes our mail. It is spoken to over TLS or not at all, and proves who it is.
struct SmtpServer {
  std::string host;
  std::uint16_t port = 587;
  bool is_tls_at_once = false;  ///< from the first byte (RFC 8314); else STARTTLS, which must be
  std::string user = {};        ///< empty: it asks for no name
  Secret password = {};
  ClientTlsFiles tls = {};
  std::chrono::milliseconds connect_timeout{10'000};
  std::chrono::milliseconds timeout{30'000};  ///< of all of a mail
};

/// Hands a mail to the server, over a connection of its own; for a thread that may wait. Errors:
/// kInvalidArgument, the mail is none; kPermissionDenied, the server does not take mail for its
/// receiver, and says that it never will (RFC 5321, 4.2.1); kUnauthenticated, one end did not prove
/// to the other who it is, or there is no TLS; kCancelled; kDeadlineExceeded; kUnavailable, all
/// else. After these last whether it has taken the mail is not known. Thread-safe.
Result<void> send_mail(const SmtpServer& server, const Mail& mail,
                       const Interruption& interruption);

}  // namespace wardlock::net
