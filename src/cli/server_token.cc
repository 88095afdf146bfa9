#include "cli/server_token.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <fstream>

#include "net/address.h"

namespace wardlock::cli {
namespace {

constexpr std::size_t kMostTokenBytes = 4096;

/// What stands between `//` and the next `/` or `:`.
std::string_view host_of(std::string_view url) {
  url.remove_prefix(std::min(url.find("//") + 2, url.size()));
  if (url.starts_with('[')) return url.substr(1, std::min(url.find(']'), url.size()) - 1);
  return url.substr(0, url.find_first_of(":/"));
}

}  // namespace

Result<void> check_server_url(std::string_view url) {
  if (url.starts_with("https://")) return {};
  if (!url.starts_with("http://")) {
    return invalid(fmt::format("`{}` is no `https://` URL of a server", url));
  }
  const std::string_view host = host_of(url);
  if (host == "localhost" || net::is_loopback(host)) return {};
  return invalid(fmt::format(
      "the token would go to `{}` unprotected: use `https://`; `http://` is for this machine alone",
      url));
}

Result<std::string> read_token_file(const std::string& path) {
  std::ifstream file(path);
  std::string token(kMostTokenBytes, '\0');
  if (!file) {
    return fail(ErrorCode::kNotFound, fmt::format("the token file `{}` cannot be read", path));
  }
  file.read(token.data(), static_cast<std::streamsize>(token.size()));
  token.resize(static_cast<std::size_t>(file.gcount()));
  while (!token.empty() && (token.back() == '\n' || token.back() == '\r')) token.pop_back();
  const bool is_token = std::ranges::all_of(token, [](char c) { return c > ' ' && c <= '~'; });
  if (!token.empty() && is_token) return token;
  return invalid(fmt::format("the file `{}` holds no token: it must be one line", path));
}

}  // namespace wardlock::cli
