#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "net/client_tls_files.h"
#include "net/http_client.h"
#include "net/interruption.h"
#include "net/ip_network.h"

namespace wardlock::net {

/// Where requests may go whose address somebody else names: a certificate, a client's registration,
/// another provider's document.
struct EgressRules {
  /// `https://pki.example`, with `:port` where it is not the usual one. `http:` is written out as
  /// well, for what is signed itself (CRLs, OCSP). Nothing else is asked.
  std::vector<std::string> origins = {};
  /// Addresses that are not of the Internet and may be reached all the same, such as the
  /// hospital's own network.
  std::vector<IpNetwork> networks = {};
  ClientTlsFiles tls = {};
  std::chrono::milliseconds connect_timeout{3'000};
  std::chrono::milliseconds timeout{10'000};  ///< of all of a request
};

/// A URL of `https:` or `http:` that two readers cannot read differently: visible ASCII, no user,
/// no fragment, a name of letters, digits, `-` and `.` or an IPv6 address in brackets, all of it in
/// lowercase, and no port that goes without saying.
struct EgressUrl {
  std::string origin;  ///< `https://pki.example:8443`
  std::string path;    ///< with the query; begins with `/`

  static Result<EgressUrl> parse(std::string_view text);
};

/// The only way out to addresses that others name (SSRF: security.md, 7): an allow-list of origins,
/// a look at the address that is connected to, after its name was looked up, no redirect, no proxy.
/// Each request has a connection of its own. Thread-safe.
class Egress {
 public:
  /// Error kInvalidArgument: an origin is none.
  static Result<Egress> create(EgressRules rules);

  /// As `HttpClient::fetch`, for a thread that may wait. Errors besides: kPermissionDenied, the
  /// origin is not on the list, or its address is not one that may be reached; a redirect is an
  /// error, kUnavailable.
  Result<HttpReply> fetch(const OutgoingRequest& request, const Interruption& interruption,
                          std::size_t max_reply_bytes = std::size_t{1} << 20) const;

  /// Whether the URL's origin is on the list, for settings and registrations. Error: as `fetch`.
  Result<void> check(std::string_view url) const;

 private:
  explicit Egress(EgressRules rules) : rules_(std::move(rules)) {}
  bool may_connect(const sockaddr* address) const;

  EgressRules rules_;
};

}  // namespace wardlock::net
