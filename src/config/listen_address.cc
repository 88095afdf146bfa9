#include "config/listen_address.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>

#include <charconv>

#include "net/address.h"

namespace wardlock::config {

std::string ListenAddress::text() const {
  return address.contains(':') ? fmt::format("[{}]:{}", address, port)
                               : fmt::format("{}:{}", address, port);
}

Result<ListenAddress> parse_listen_address(std::string_view text, bool has_tls) {
  const std::size_t colon = text.rfind(':');
  const std::string_view digits = colon == std::string_view::npos ? "" : text.substr(colon + 1);
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (digits.empty() || error != std::errc() || end != digits.data() + digits.size()) {
    return invalid(fmt::format("`{}` is not a place to listen on; write `127.0.0.1:8180`", text));
  }
  std::string_view host = text.substr(0, colon);
  const bool is_bracketed = host.starts_with('[') && host.ends_with(']');
  if (is_bracketed != host.contains(':')) {
    return invalid(fmt::format(
        "`{}` is not a place to listen on; brackets are for IPv6 addresses: `[::1]:8180`", text));
  }
  if (is_bracketed) host = host.substr(1, host.size() - 2);
  if (host == "localhost") host = "127.0.0.1";
  if (!has_tls && !net::is_loopback(host)) {
    return invalid(
        fmt::format("`{}` is not a loopback address; plain HTTP is served to this "
                    "machine only, e.g. on `127.0.0.1:{}`",
                    host, port));
  }
  ListenAddress out{std::string(host), port};
  in6_addr parsed;
  if (inet_pton(is_bracketed ? AF_INET6 : AF_INET, out.address.c_str(), &parsed) != 1) {
    return invalid(fmt::format("`{}` is not an IP address, such as `0.0.0.0` or `::1`", host));
  }
  return out;
}

}  // namespace wardlock::config
