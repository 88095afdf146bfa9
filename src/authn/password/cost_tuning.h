#pragma once

#include <chrono>
#include <cstdint>
#include <functional>

#include "crypto/password_hash.h"

namespace wardlock::authn {

/// How long one hash at that cost takes here.
using MeasureHash = std::function<std::chrono::nanoseconds(const crypto::Argon2idCost& cost)>;

/// A cost, and what it was measured to take.
struct TunedCost {
  crypto::Argon2idCost cost;
  std::chrono::nanoseconds taken = {};
  /// False: even the least cost that is allowed takes longer than was wanted.
  bool is_within = true;
};

/// The dearest cost of Argon2id whose hash takes `wanted` at most: memory before passes (RFC 9106,
/// 4), up to `most_memory_kib`, in whole MiB; never below OWASP's floors (`checked_cost`). Requires
/// `most_memory_kib` of 19 MiB at least. Measures a dozen times at most.
TunedCost tune_cost(const MeasureHash& measure, std::chrono::nanoseconds wanted,
                    std::uint32_t most_memory_kib);

/// The middle one of three hashes of a password that nobody has.
std::chrono::nanoseconds measure_hash(const crypto::Argon2idCost& cost);

}  // namespace wardlock::authn
