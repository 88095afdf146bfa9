#pragma once

#include <cstdint>
#include <string>

#include "audit/files/files.h"
#include "audit/forward/forwarder_options.h"
#include "audit/forward/message.h"
#include "audit/inspect/event_reader.h"
#include "base/arena.h"
#include "base/error.h"
#include "event/sealed_record.h"

namespace wardlock::audit {

/// The events of a log as messages for one receiver. Not thread-safe.
class MessageSource {
 public:
  /// What they are given must outlive it.
  MessageSource(Files& files, const std::string& folder, event::KeyLookup& keys,
                const ForwarderOptions& options);

  /// As `EventReader`.
  Result<std::uint64_t> begin() { return events_.begin(); }
  Result<std::uint64_t> end() { return events_.end(); }

  /// The record's bytes, valid until the next call. A damaged one spoils no other. Errors: as
  /// `EventReader::record`.
  Result<std::string_view> record(std::uint64_t number);

  /// Makes the event of that record a message; false: it is not selected. Errors: data_loss,
  /// unimplemented and invalid_argument, it can never be made one; any other: not now.
  Result<bool> read(std::uint64_t number, Message& message);

 private:
  Result<event::Event> open(std::string_view record);

  const ForwarderOptions& options_;
  event::KeyLookup& keys_;
  event::NoKeys no_keys_;
  EventReader events_;
  RecordReader single_;
  Records records_;
  Arena arena_;
};

}  // namespace wardlock::audit
