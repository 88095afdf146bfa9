#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace wardlock::crypto {

/// A hash for tables whose keys strangers choose: SipHash-2-4 under a key that this process draws
/// when it first hashes, so that nobody can find keys that collide. Differs from run to run:
/// nothing that is shown or kept may depend on it. Thread-safe.
std::uint64_t seeded_hash(std::string_view text);

/// For tables keyed by texts: `std::unordered_set<std::string, SeededHash, std::equal_to<>>`.
struct SeededHash {
  using is_transparent = void;  // NOLINT(readability-identifier-naming): the standard's name
  std::size_t operator()(std::string_view text) const { return seeded_hash(text); }
};

}  // namespace wardlock::crypto
