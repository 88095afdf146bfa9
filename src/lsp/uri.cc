#include "lsp/uri.h"

#include <fmt/format.h>

#include <charconv>

namespace wardlock::lsp {
namespace {

constexpr std::string_view kScheme = "file://";

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("-._~/").contains(c);
}

}  // namespace

std::optional<std::string> path_of(std::string_view uri) {
  if (!uri.starts_with(kScheme)) return std::nullopt;
  uri.remove_prefix(kScheme.size());
  if (uri.starts_with("localhost/")) uri.remove_prefix(std::string_view("localhost").size());
  if (!uri.starts_with('/')) return std::nullopt;
  std::string path;
  while (!uri.empty()) {
    if (uri.front() != '%') {
      path += uri.front();
      uri.remove_prefix(1);
      continue;
    }
    unsigned char byte = 0;
    const std::string_view digits = uri.substr(1, 2);
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), byte, 16);
    const bool is_escape =
        error == std::errc() && digits.size() == 2 && end == digits.data() + 2 && byte != 0;
    if (!is_escape) return std::nullopt;
    path += static_cast<char>(byte);
    uri.remove_prefix(3);
  }
  return path;
}

std::string uri_of(std::string_view path) {
  std::string uri(kScheme);
  for (const char c : path) {
    if (is_plain(c)) {
      uri += c;
    } else {
      uri += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return uri;
}

std::string_view folder_of(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? "" : path.substr(0, slash);
}

}  // namespace wardlock::lsp
