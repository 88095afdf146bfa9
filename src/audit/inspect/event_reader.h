#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "audit/files/files.h"
#include "audit/log/log_folder.h"
#include "base/arena.h"
#include "base/error.h"
#include "event/sealed_record.h"

namespace wardlock::audit {

/// The events of a log by the number of their record, also while the log is written. Whether they
/// are those that were written is for `verify_log` to say. Not thread-safe.
class EventReader {
 public:
  /// `files` and `keys` must outlive it.
  EventReader(Files& files, const std::string& folder, event::KeyLookup& keys);

  /// The oldest record that is there: those before it were removed with their segments. Errors: as
  /// `end`.
  Result<std::uint64_t> begin();

  /// The number that the next record will have. Errors: not_found where the folder holds no log;
  /// the files'.
  Result<std::uint64_t> end();

  /// The record, which is valid until the next call. Errors: not_found; data_loss; the files'.
  Result<std::string_view> record(std::uint64_t number);

  /// The records from there on, as many as there are and are wanted. Errors: as `record`.
  Result<void> records(std::uint64_t first, std::uint32_t most, Records& out);

  /// The event, which is valid until the next call. Errors: as above, and those of
  /// `event::open_record`.
  Result<event::Event> event(std::uint64_t number);

  /// The number of the latest record of that decision; nothing where there is none. Reads the log
  /// from its end; `report` is called with how many records of how many were read.
  Result<std::optional<std::uint64_t>> find_decision(
      std::string_view decision_id,
      const std::function<void(std::uint64_t, std::uint64_t)>& report);

 private:
  Result<void> read_around(std::uint64_t number);
  std::unexpected<Error> no_log() const;

  Files& files_;
  LogPaths paths_;
  event::KeyLookup& keys_;
  RecordReader reader_;
  Records records_;  // some, one after another
  std::uint64_t first_ = 0;
  Arena arena_;
};

}  // namespace wardlock::audit
