#include "server/attestation_anchors.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <string_view>

#include "codec/base64.h"

namespace wardlock::server {
namespace {

constexpr std::string_view kBegin = "-----BEGIN CERTIFICATE-----";
constexpr std::string_view kEnd = "-----END CERTIFICATE-----";

}  // namespace

Result<std::vector<x509::Certificate>> read_anchors(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (!file) return fail(ErrorCode::kUnavailable, fmt::format("`{}` cannot be read", path));
  std::vector<x509::Certificate> anchors;
  std::string_view rest = text;
  while (true) {
    const std::size_t begin = rest.find(kBegin);
    if (begin == std::string_view::npos) break;
    rest.remove_prefix(begin + kBegin.size());
    const std::size_t end = rest.find(kEnd);
    std::string letters(rest.substr(0, end));
    std::erase_if(letters, [](char c) { return c == '\n' || c == '\r' || c == ' '; });
    const auto der = codec::from_base64(letters);
    if (end == std::string_view::npos || !der) {
      return invalid(fmt::format("`{}` has a certificate that is no PEM", path));
    }
    auto certificate = x509::Certificate::from_der(*der);
    if (!certificate) return std::unexpected(certificate.error().in(path));
    anchors.push_back(*std::move(certificate));
    rest.remove_prefix(end + kEnd.size());
  }
  if (anchors.empty()) return invalid(fmt::format("`{}` has no certificate", path));
  return anchors;
}

}  // namespace wardlock::server
