#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "net/http.h"

namespace wardlock::page {

/// Who else gets a cookie of ours.
enum class SameSite : std::uint8_t {
  kLax,     ///< with a link from another site, so that who comes from there is still signed in
  kStrict,  ///< never from there
};

/// The cookies of one tenant. Over TLS a name begins with `__Host-`, which a browser takes from
/// this host alone, for all of its paths and secure (RFC 6265bis, 4.1.3.2). On plain loopback it
/// has no such prefix and is not `Secure`, as not every browser keeps such cookies there.
class Cookies {
 public:
  /// `tenant`: its name, empty for the only one; several share a host.
  Cookies(const net::HttpRequest& request, std::string_view tenant);

  /// What the browser sent, e.g. for `session`; nothing where it sent none, or several of that
  /// name, of which one would not be ours.
  std::optional<std::string_view> find(std::string_view name) const;

  /// A cookie that no script reads. Without `age` it goes with the browser's session. `value`:
  /// letters, digits, `-`, `_` and `.`
  void set(std::string_view name, std::string_view value, SameSite same_site,
           std::optional<std::chrono::seconds> age, net::HttpResponse& response) const;
  void remove(std::string_view name, net::HttpResponse& response) const;

 private:
  std::string whole_name(std::string_view name) const;

  const net::HttpRequest& request_;
  std::string tenant_;
};

}  // namespace wardlock::page
