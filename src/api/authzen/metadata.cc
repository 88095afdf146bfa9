#include "api/authzen/metadata.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/object.hpp>

#include "codec/json.h"

namespace wardlock::authzen {
namespace {

constexpr std::size_t kMaxHostLength = 255;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

bool is_port(std::string_view text) {
  return !text.empty() && text.size() <= 5 && std::ranges::all_of(text, is_digit);
}

bool is_name(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return is_letter(c) || is_digit(c) || c == '.' || c == '-' || c == '_';
  });
}

bool is_ipv6(std::string_view text) {
  return std::ranges::count(text, ':') >= 2 &&
         std::ranges::all_of(text, [](char c) { return is_hex(c) || c == ':' || c == '.'; });
}

}  // namespace

Result<std::string> base_url(const net::HttpRequest& request, std::string_view public_url,
                             std::string_view base_path) {
  if (!public_url.empty()) {
    while (public_url.ends_with('/')) public_url.remove_suffix(1);
    return fmt::format("{}{}", public_url, base_path);
  }
  const std::string_view host = request.header("Host").value_or("");
  if (!is_host(host)) return invalid("`Host` is not a host's name");
  return fmt::format("{}://{}{}", request.is_secure ? "https" : "http", host, base_path);
}

bool is_host(std::string_view text) {
  if (text.size() > kMaxHostLength) return false;
  std::string_view host = text, port = {};
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos || !is_ipv6(text.substr(1, end - 1))) return false;
    port = text.substr(end + 1);
  } else {
    host = text.substr(0, text.find(':'));
    if (!is_name(host)) return false;
    port = text.substr(host.size());
  }
  return port.empty() || (port.starts_with(':') && is_port(port.substr(1)));
}

Result<std::string> describe_endpoints(const net::HttpRequest& request,
                                       const Surroundings& surroundings) {
  const std::string url = TRY(base_url(request, surroundings.public_url, surroundings.base_path));
  // No capability is registered that this server has, and a list without entries must be left out.
  return codec::to_json_text(
      boost::json::object{{"policy_decision_point", url},
                          {"access_evaluation_endpoint", url + "/access/v1/evaluation"},
                          {"access_evaluations_endpoint", url + "/access/v1/evaluations"},
                          {"search_subject_endpoint", url + "/access/v1/search/subject"},
                          {"search_resource_endpoint", url + "/access/v1/search/resource"},
                          {"search_action_endpoint", url + "/access/v1/search/action"}});
}

}  // namespace wardlock::authzen
