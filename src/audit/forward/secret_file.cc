#include "audit/forward/secret_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "codec/base64.h"

namespace wardlock::audit {
namespace {

constexpr std::size_t kMaxFileBytes = 16384;
constexpr std::size_t kMaxSecrets = 4;
constexpr std::size_t kLeastSecretBytes = 24;
constexpr std::size_t kMostSecretBytes = 64;
constexpr std::string_view kPrefix = "whsec_";

Result<std::string> read(const std::string& path) {
  // A secret is often a link to where its manager puts it.
  std::ifstream file(path, std::ios::binary);
  std::string text(kMaxFileBytes + 1, '\0');
  if (file) file.read(text.data(), std::ssize(text));
  if (!file.is_open() || file.bad()) {
    return fail(ErrorCode::kNotFound, fmt::format("`{}` cannot be read", path));
  }
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() <= kMaxFileBytes) return text;
  return invalid(fmt::format("`{}` is too large for a secret", path));
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!line.empty()) lines.push_back(line);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return lines;
}

}  // namespace

Result<std::string> read_token_file(const std::string& path) {
  const std::string text = TRY(read(path));
  const auto lines = lines_of(text);
  const auto is_visible = [](char c) { return c > ' ' && c < '\x7f'; };
  if (lines.size() == 1 && std::ranges::all_of(lines[0], is_visible)) return std::string(lines[0]);
  return invalid(fmt::format("`{}` must hold a token: one line of visible characters", path));
}

Result<std::vector<crypto::HmacKey>> parse_webhook_secrets(std::string_view text) {
  std::vector<crypto::HmacKey> keys;
  for (const std::string_view line : lines_of(text)) {
    const auto bytes =
        line.starts_with(kPrefix) ? codec::from_base64(line.substr(kPrefix.size())) : std::nullopt;
    if (!bytes || bytes->size() < kLeastSecretBytes || bytes->size() > kMostSecretBytes) {
      return invalid(
          fmt::format("line {} is no secret of a webhook, which is `{}` and {} to {} "
                      "bytes in base64",
                      keys.size() + 1, kPrefix, kLeastSecretBytes, kMostSecretBytes));
    }
    keys.emplace_back(*bytes);
  }
  if (!keys.empty() && keys.size() <= kMaxSecrets) return keys;
  return invalid(fmt::format("there must be 1 to {} secrets, a line each", kMaxSecrets));
}

Result<std::vector<crypto::HmacKey>> read_webhook_secrets(const std::string& path) {
  const std::string text = TRY(read(path));
  auto keys = parse_webhook_secrets(text);
  if (!keys) return std::unexpected(keys.error().in(fmt::format("`{}`", path)));
  return keys;
}

}  // namespace wardlock::audit
