#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

namespace wardlock::directory {

/// From when on something is found by a review, and what is done about it without being asked.
struct ReviewRules {
  using Time = std::chrono::milliseconds;

  Time interval{std::chrono::hours(24)};                ///< of reviews that a server makes
  Time dormant_after{std::chrono::hours(90 * 24)};      ///< without use of any credential
  Time invited_after{std::chrono::hours(30 * 24)};      ///< invited, and never came
  Time unused_after{std::chrono::hours(90 * 24)};       ///< a credential that nobody uses
  Time old_after{std::chrono::hours(365 * 24)};         ///< a credential that is good for long
  Time quarantined_after{std::chrono::hours(30 * 24)};  ///< a device kept apart
  Time unreviewed_after{std::chrono::hours(90 * 24)};   ///< a privileged role
  Time notice{std::chrono::hours(14 * 24)};             ///< before what will end or is due

  /// People who do nothing but administer are suspended when they have been dormant for so long.
  /// Nothing: nobody is.
  std::optional<Time> suspend_dormant_after = {};
  /// People leave so long after their contract's end. Nothing: nobody does.
  std::optional<Time> leave_after_contract = {};
};

}  // namespace wardlock::directory
