#include "merkle/cosignature.h"

#include <fmt/format.h>

#include <algorithm>

namespace wardlock::merkle {
namespace {

constexpr std::size_t kTimeBytes = 8;

}  // namespace

std::string cosigned_message(std::uint64_t unix_seconds, std::string_view note_text) {
  return fmt::format("cosignature/v1\ntime {}\n{}", unix_seconds, note_text);
}

std::string to_bytes(const TimestampedSignature& cosignature) {
  std::string bytes;
  for (std::size_t i = 0; i < kTimeBytes; ++i) {
    bytes += static_cast<char>(cosignature.unix_seconds >> (8 * (kTimeBytes - 1 - i)) & 0xFF);
  }
  bytes.append(cosignature.signature.begin(), cosignature.signature.end());
  return bytes;
}

std::optional<TimestampedSignature> timestamped_signature(std::string_view bytes) {
  TimestampedSignature cosignature;
  if (bytes.size() != kTimeBytes + cosignature.signature.size()) return std::nullopt;
  for (const char byte : bytes.substr(0, kTimeBytes)) {
    cosignature.unix_seconds = cosignature.unix_seconds << 8 | static_cast<unsigned char>(byte);
  }
  if (cosignature.unix_seconds > kMaxCosignatureTime) return std::nullopt;
  std::ranges::copy(bytes.substr(kTimeBytes), cosignature.signature.begin());
  return cosignature;
}

}  // namespace wardlock::merkle
