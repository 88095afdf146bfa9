#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace wardlock::bundle {

/// A signature, and whose it says to be.
struct BundleSignature {
  std::string key_id;  ///< see `key_id` in keys.h
  std::string bytes;   ///< Ed25519: 64 bytes; ECDSA: DER

  bool operator==(const BundleSignature&) const = default;
};

/// The first line of a bundle: a DSSE envelope (Dead Simple Signing Envelope 1.0.2) around the
/// statement. Nothing in it is to be believed before its signatures are verified.
struct Envelope {
  std::string statement;                         ///< its text
  std::vector<BundleSignature> signatures = {};  ///< sorted by key id, each key once

  bool operator==(const Envelope&) const = default;
};

inline constexpr std::string_view kPayloadType = "application/vnd.wardlock.policy-bundle+json";
inline constexpr std::size_t kMaxSignatures = 32;
inline constexpr std::size_t kMaxEnvelopeBytes = std::size_t{16} << 10;

/// Canonical JSON (RFC 8785), without a newline. Requires sorted signatures within the limits.
std::string envelope_text(const Envelope& envelope);

/// Reads what `envelope_text` writes and nothing else. Errors: kInvalidArgument;
/// kResourceExhausted above the limits.
Result<Envelope> parse_envelope(std::string_view text);

/// What is signed: DSSE's pre-authentication encoding of payload type and statement.
std::string signed_text(std::string_view statement);

}  // namespace wardlock::bundle
