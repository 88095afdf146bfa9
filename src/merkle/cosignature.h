#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "crypto/ed25519.h"

namespace wardlock::merkle {

/// C2SP tlog-cosignature: what a witness signs, and how its signature is written.

inline constexpr std::uint64_t kMaxCosignatureTime = (std::uint64_t{1} << 63) - 1;

/// The message of an Ed25519 cosignature (`cosignature/v1`) over a checkpoint's body.
std::string cosigned_message(std::uint64_t unix_seconds, std::string_view note_text);

/// A timestamp and the signature of the message that names it.
struct TimestampedSignature {
  std::uint64_t unix_seconds = 0;
  crypto::Ed25519Signature signature{};
};

/// Eight bytes of time, big-endian, then the signature.
std::string to_bytes(const TimestampedSignature& cosignature);
/// Nothing where the length is another, or the time is above the maximum.
std::optional<TimestampedSignature> timestamped_signature(std::string_view bytes);

}  // namespace wardlock::merkle
