#include "net/egress.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

namespace wardlock::net {
namespace {

constexpr std::size_t kMaxUrlBytes = 2048;

bool is_visible(char c) { return c > ' ' && c < '\x7f'; }
bool is_small(char c) { return c >= 'a' && c <= 'z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// A host as it is looked up; not whether there is one.
bool is_host(std::string_view host) {
  if (host.starts_with('[')) {
    return host.ends_with(']') && IpNetwork::parse(host.substr(1, host.size() - 2)).has_value() &&
           host.find(':') != std::string_view::npos;
  }
  return !host.empty() && host.size() <= 253 && host.front() != '.' && host.front() != '-' &&
         host.find("..") == std::string_view::npos && std::ranges::all_of(host, [](char c) {
           return is_small(c) || is_digit(c) || c == '-' || c == '.';
         });
}

/// A port that has to be written.
bool is_port(std::string_view digits, std::string_view usual) {
  unsigned port = 0;
  const auto [end, error] = std::from_chars(digits.begin(), digits.end(), port);
  return error == std::errc() && end == digits.end() && port > 0 && port < 65536 &&
         !digits.starts_with('0') && digits != usual;
}

bool is_authority(std::string_view authority, std::string_view usual_port) {
  const std::size_t host_ends =
      authority.starts_with('[') ? authority.find(']') : std::string_view::npos;
  const std::size_t colon =
      authority.find(':', host_ends == std::string_view::npos ? 0 : host_ends);
  return is_host(authority.substr(0, colon)) &&
         (colon == std::string_view::npos || is_port(authority.substr(colon + 1), usual_port));
}

}  // namespace

Result<EgressUrl> EgressUrl::parse(std::string_view text) {
  const auto refuse = [text] {
    return invalid(fmt::format("`{}` is not a URL that can be asked", text.substr(0, 200)));
  };
  if (text.size() > kMaxUrlBytes || !std::ranges::all_of(text, is_visible) ||
      text.find_first_of("#\\\"<>^`{|}") != std::string_view::npos) {
    return invalid("a URL is too long, or has characters that no URL has");
  }
  const bool is_secure = text.starts_with("https://");
  if (!is_secure && !text.starts_with("http://")) return refuse();
  const std::size_t begin = is_secure ? 8 : 7;
  const std::size_t end = std::min(text.find_first_of("/?", begin), text.size());
  if (!is_authority(text.substr(begin, end - begin), is_secure ? "443" : "80")) return refuse();
  const std::string_view path = text.substr(end);
  return EgressUrl{.origin = std::string(text.substr(0, end)),
                   .path = fmt::format("{}{}", path.starts_with('/') ? "" : "/", path)};
}

Result<Egress> Egress::create(EgressRules rules) {
  for (const std::string& origin : rules.origins) {
    const EgressUrl url = TRY(EgressUrl::parse(origin));
    if (url.origin == origin) continue;
    return invalid(fmt::format("`{}` is no origin: write `{}`", origin, url.origin));
  }
  return Egress(std::move(rules));
}

Result<void> Egress::check(std::string_view url) const {
  const EgressUrl parsed = TRY(EgressUrl::parse(url));
  if (std::ranges::find(rules_.origins, parsed.origin) != rules_.origins.end()) return {};
  return fail(
      ErrorCode::kPermissionDenied,
      fmt::format("`{}` may not be asked: it is not among the origins that may", parsed.origin));
}

bool Egress::may_connect(const sockaddr* address) const {
  return is_public(address) || std::ranges::any_of(rules_.networks, [&](const IpNetwork& each) {
           return each.contains(address);
         });
}

Result<HttpReply> Egress::fetch(const OutgoingRequest& request, const Interruption& interruption,
                                std::size_t max_reply_bytes) const {
  TRY_VOID(check(request.url));
  const EgressUrl url = TRY(EgressUrl::parse(request.url));
  const std::string as_read = url.origin + url.path;
  OutgoingRequest sent = request;
  sent.url = as_read;
  const auto client = TRY(HttpClient::create(
      {.tls = rules_.tls,
       .connect_timeout = rules_.connect_timeout,
       .timeout = rules_.timeout,
       .max_reply_bytes = max_reply_bytes,
       .may_connect = [this](const sockaddr* address) { return may_connect(address); }}));
  HttpReply reply = TRY(client->fetch(sent, interruption));
  if (reply.status >= 300 && reply.status < 400) {
    return fail(ErrorCode::kUnavailable,
                fmt::format("`{}` leads elsewhere, where it is not followed: name the place itself",
                            url.origin));
  }
  return reply;
}

}  // namespace wardlock::net
