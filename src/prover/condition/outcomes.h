#pragma once

#include <cstdint>

namespace wardlock::prover {

/// A set of outcomes that a condition may have.
class Outcomes {
 public:
  static constexpr Outcomes none() { return Outcomes(0); }
  static constexpr Outcomes is_true() { return Outcomes(1); }
  static constexpr Outcomes is_false() { return Outcomes(2); }
  static constexpr Outcomes is_error() { return Outcomes(4); }
  static constexpr Outcomes either() { return is_true() | is_false(); }
  static constexpr Outcomes all() { return either() | is_error(); }
  static constexpr Outcomes of(bool value) { return value ? is_true() : is_false(); }

  constexpr bool is_empty() const { return bits_ == 0; }
  constexpr bool has(Outcomes other) const { return (bits_ & other.bits_) == other.bits_; }
  /// Exactly one is left.
  constexpr bool is_settled() const { return bits_ != 0 && (bits_ & (bits_ - 1)) == 0; }

  constexpr Outcomes without(Outcomes other) const {
    return Outcomes(static_cast<std::uint8_t>(bits_ & ~other.bits_));
  }
  friend constexpr Outcomes operator|(Outcomes a, Outcomes b) {
    return Outcomes(static_cast<std::uint8_t>(a.bits_ | b.bits_));
  }
  friend constexpr Outcomes operator&(Outcomes a, Outcomes b) {
    return Outcomes(static_cast<std::uint8_t>(a.bits_ & b.bits_));
  }
  friend constexpr bool operator==(Outcomes, Outcomes) = default;

 private:
  constexpr explicit Outcomes(std::uint8_t bits) : bits_(bits) {}

  std::uint8_t bits_;
};

}  // namespace wardlock::prover
