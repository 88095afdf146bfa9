#pragma once

#include <cstdint>

namespace wardlock::authn {

/// Whether the one who tries has signed in from there with this authenticator before.
enum class Familiarity : std::uint8_t { kFamiliar, kStranger };

/// An authenticator's failures in a row, kept with it. SP 800-63B-4 allows 100 and then disables
/// the authenticator. Half of them are for devices where its owner has signed in before: strangers
/// use up their own half, are then no longer verified from anywhere, and keep nobody else out.
struct FailureCount {
  static constexpr std::uint32_t kLimit = 50;  ///< of each: 100 in all

  std::uint32_t familiar = 0;
  std::uint32_t strange = 0;

  /// Whether an attempt is to be verified at all.
  bool may_try(Familiarity who) const;
  /// Its owner's devices have failed too often: it is to be replaced.
  bool is_disabled() const { return familiar >= kLimit; }

  void fail(Familiarity who);
  void succeed() { *this = {}; }

  bool operator==(const FailureCount&) const = default;
};

}  // namespace wardlock::authn
