#include "audit/forward/message_source.h"

#include "event/mask.h"

namespace wardlock::audit {

MessageSource::MessageSource(Files& files, const std::string& folder, event::KeyLookup& keys,
                             const ForwarderOptions& options)
    : options_(options), keys_(keys), events_(files, folder, keys), single_(files, folder) {}

Result<std::string_view> MessageSource::record(std::uint64_t number) {
  auto record = events_.record(number);
  if (record || record.error().code != ErrorCode::kDataLoss) return record;
  TRY_VOID(single_.read(number, 1, records_));
  return records_[0];
}

Result<event::Event> MessageSource::open(std::string_view record) {
  arena_.reset();
  if (!options_.selection.is_all()) {
    // What is selected by stands in the clear: what is left out is never unsealed.
    event::Event event = TRY(event::open_record(record, no_keys_, arena_));
    if (!options_.selection.takes(event) || options_.disclosure == Disclosure::kSealed) {
      return event;
    }
    arena_.reset();
  }
  if (options_.disclosure == Disclosure::kSealed) {
    return event::open_record(record, no_keys_, arena_);
  }
  event::Event event = TRY(event::open_record(record, keys_, arena_));
  return options_.disclosure == Disclosure::kOpen ? event : event::masked(event, arena_);
}

Result<bool> MessageSource::read(std::uint64_t number, Message& message) {
  const std::string_view bytes = TRY(record(number));
  const event::Event event = TRY(open(bytes));
  if (!options_.selection.takes(event)) return false;
  message.record = number;
  message.id = event.id;
  message.text.clear();
  const auto written = append(options_.format, event, options_.format_options, message.text);
  if (!written) return invalid(written.error().message);  // and never can be
  return true;
}

}  // namespace wardlock::audit
