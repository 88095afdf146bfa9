#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "audit/inspect/finding.h"

namespace wardlock::audit {

/// The time in a record's clear part, milliseconds since the epoch; nothing where there is none.
std::optional<std::int64_t> time_in(std::string_view clear_json);

/// `2026-11-22T08:43:48.123Z`, for people; the number itself where no year has four digits for it.
std::string time_text(std::int64_t milliseconds);

/// Looks at each record by itself, at the time from one to the next, and for what says that records
/// were removed. Not thread-safe.
class RecordCheck {
 public:
  /// `covered`: so many records a signed checkpoint covers.
  RecordCheck(std::uint64_t covered, Findings& findings) : covered_(covered), findings_(findings) {}

  /// Records are recorded by several threads, each with its own look at the clock, and wait for
  /// each other: so far one may be behind another although the clock was not moved.
  static constexpr std::int64_t kDisorderMs = 5'000;

  /// `byte`: where it is in `file`.
  void check(std::string_view record, std::uint64_t number, const std::string& file,
             std::uint64_t byte);

  /// The log's first records were removed after their retention.
  struct Removal {
    std::uint64_t record = 0;  ///< that says so
    std::uint64_t count = 0;   ///< of those that were removed
  };
  /// What the latest record says of it that a checkpoint covers: anybody who may write the files
  /// can add a record, and nobody can have it signed. Nothing where none does.
  const std::optional<Removal>& removal() const { return removal_; }

  /// What the last record that was looked at says of a change of the log's key; nothing: it is no
  /// such record.
  const std::optional<std::string>& key_change() const { return key_change_; }

 private:
  void note_removal(std::string_view clear_json, std::uint64_t number);
  void note_key_change(std::string_view clear_json);

  const std::uint64_t covered_;
  Findings& findings_;
  std::optional<Removal> removal_;
  std::optional<std::string> key_change_;
  std::optional<std::int64_t> latest_;
};

}  // namespace wardlock::audit
