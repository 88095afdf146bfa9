#include "storage/key_file.h"

#include <fmt/format.h>
#include <string.h>

#include <array>
#include <charconv>

#include "storage/private_file.h"

namespace wardlock::storage {
namespace {

using crypto::SymmetricKey;

constexpr std::size_t kDigits = 2 * SymmetricKey::kBytes;

std::string line_of(const SymmetricKey& key) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string line;
  line.reserve(kDigits + 1);
  for (const std::uint8_t byte : key.bytes()) line += {kHex[byte >> 4], kHex[byte & 15]};
  line += '\n';
  return line;
}

std::optional<SymmetricKey> key_in(std::string_view line) {
  if (!line.ends_with('\n')) return std::nullopt;
  return parse_key(line.substr(0, line.size() - 1));
}

/// Whoever makes it first wins: a file that is there is never replaced.
Result<void> create(const std::string& path) {
  std::string line = line_of(SymmetricKey::random());
  const auto created = create_private_file(path, line);
  explicit_bzero(line.data(), line.size());
  if (!created && created.error().code != ErrorCode::kAlreadyExists) return created;
  return {};
}

}  // namespace

Result<SymmetricKey> load_key(const std::string& path) {
  std::string line = TRY(read_private_file(path));
  const auto key = key_in(line);
  explicit_bzero(line.data(), line.size());
  if (key) return *key;
  return fail(ErrorCode::kDataLoss,
              fmt::format("`{}` holds no key ({} hexadecimal digits and a newline are wanted): "
                          "restore it from a backup",
                          path, kDigits));
}

Result<SymmetricKey> load_or_create_key(const std::string& path) {
  auto key = load_key(path);
  if (key || key.error().code != ErrorCode::kNotFound) return key;
  TRY_VOID(create(path));
  return load_key(path);
}

std::optional<SymmetricKey> parse_key(std::string_view digits) {
  if (digits.size() != kDigits) return std::nullopt;
  std::array<std::uint8_t, SymmetricKey::kBytes> bytes;
  const char* at = digits.data();
  bool is_hex = true;
  for (std::uint8_t& byte : bytes) {
    const auto [end, error] = std::from_chars(at, at + 2, byte, 16);
    is_hex = is_hex && error == std::errc() && end == at + 2;
    at += 2;
  }
  std::optional<SymmetricKey> key;
  if (is_hex) key.emplace(bytes);
  explicit_bzero(bytes.data(), bytes.size());
  return key;
}

}  // namespace wardlock::storage
