#include "audit/retention/retention.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "audit/inspect/record_check.h"
#include "audit/log/log_folder.h"
#include "audit/log/segment.h"
#include "base/arena.h"
#include "event/canonical_json.h"

namespace wardlock::audit {
namespace {

using std::chrono::milliseconds;

/// So many records are read at once.
constexpr std::uint32_t kRun = 256;

/// Looks at the records of a log from its first on.
class Retention {
 public:
  Retention(Files& files, const std::string& folder, const RetentionRules& rules,
            std::vector<event::KeyId> held, std::int64_t now)
      : reader_(files, folder), rules_(rules), held_(std::move(held)), now_(now) {
    std::ranges::sort(held_);
  }

  /// Why the records `[first, end)` stay; empty where they may be removed.
  Result<std::string> look_at(std::uint64_t first, std::uint64_t end,
                              const std::function<void(std::uint64_t)>& report) {
    // Most segments stay because of their last record: then no other one is read.
    TRY_VOID(reader_.read(end - 1, 1, records_));
    const std::int64_t last = TRY(read(records_[0], end - 1)).time;
    if (milliseconds(now_ - last) < rules_.shortest()) {
      return fmt::format("record {} is of {}, and the shortest retention is {} days", end - 1,
                         time_text(last), days(rules_.shortest()));
    }
    for (std::uint64_t at = first; at < end; at += kRun) {
      const auto count = static_cast<std::uint32_t>(std::min<std::uint64_t>(end - at, kRun));
      TRY_VOID(reader_.read(at, count, records_));
      for (std::uint32_t i = 0; i < count; ++i) {
        std::string stays = TRY(look_at(records_[i], at + i));
        if (!stays.empty()) return stays;
      }
      report(at + count);
    }
    return "";
  }

  std::int64_t oldest() const { return oldest_; }
  std::int64_t latest() const { return latest_; }

 private:
  static std::int64_t days(milliseconds time) {
    return std::chrono::floor<std::chrono::days>(time).count();
  }

  Result<event::Event> read(std::string_view record, std::uint64_t number) {
    arena_.reset();
    event::Event event;
    const auto view = event::parse_record(record);
    if (!view) return std::unexpected(view.error().in(fmt::format("record {}", number)));
    const auto is_read = event::read_part(view->clear_json, event::Part::kClear, event, arena_);
    if (!is_read) return std::unexpected(is_read.error().in(fmt::format("record {}", number)));
    return event;
  }

  Result<std::string> look_at(std::string_view record, std::uint64_t number) {
    const event::Event event = TRY(read(record, number));
    if (!std::exchange(has_seen_any_, true)) oldest_ = latest_ = event.time;
    latest_ = std::max(latest_, event.time);
    const milliseconds retention = rules_.of(event.record_class);
    if (milliseconds(now_ - latest_) < retention) {
      return fmt::format("record {} is of {}{}{}, which is kept for {} days", number,
                         time_text(latest_), event.record_class.empty() ? "" : " and of class ",
                         event.record_class, days(retention));
    }
    const event::RecordView sealed = TRY(event::parse_record(record));
    for (const event::SealedPart& part : sealed.parts()) {
      if (std::ranges::binary_search(held_, part.key_id)) {
        return fmt::format("record {} is about somebody with a legal hold", number);
      }
    }
    return "";
  }

  RecordReader reader_;
  const RetentionRules& rules_;
  std::vector<event::KeyId> held_;
  const std::int64_t now_;
  Records records_;
  Arena arena_;
  bool has_seen_any_ = false;
  std::int64_t oldest_ = 0;
  std::int64_t latest_ = 0;
};

}  // namespace

RetentionRules::Time RetentionRules::of(std::string_view record_class) const {
  const auto said = by_class.find(record_class);
  return said == by_class.end() ? otherwise : said->second;
}

RetentionRules::Time RetentionRules::shortest() const {
  Time shortest = otherwise;
  for (const auto& [name, time] : by_class) shortest = std::min(shortest, time);
  return shortest;
}

Result<ExpiredPart> find_expired(Files& files, const std::string& folder,
                                 const RetentionRules& rules, std::vector<event::KeyId> held,
                                 std::int64_t now,
                                 const std::function<void(std::uint64_t, std::uint64_t)>& report) {
  const auto segments = TRY(list_segments(files, LogPaths(folder).segments()));
  ExpiredPart part;
  if (segments.empty()) return part;
  part.begin = part.end = segments.front();
  part.next = "the last segment is being written";
  Retention retention(files, folder, rules, std::move(held), now);
  for (std::size_t i = 0; i + 1 < segments.size(); ++i) {
    std::string stays = TRY(retention.look_at(segments[i], segments[i + 1], [&](std::uint64_t at) {
      if (report) report(at - segments.front(), segments.back() - segments.front());
    }));
    if (!stays.empty()) {
      part.next = std::move(stays);
      break;
    }
    part.segments.push_back(segments[i]);
    part.end = segments[i + 1];
    part.oldest = retention.oldest();
    part.latest = retention.latest();
  }
  return part;
}

Result<void> remove_expired(Files& files, const std::string& folder, const ExpiredPart& part) {
  const LogPaths paths(folder);
  for (const std::uint64_t segment : part.segments) {
    TRY_VOID(files.unprotect(paths.segment(segment)));
    TRY_VOID(files.remove(paths.segment(segment)));
    // Each for itself: a power cut between them must not leave an older one behind.
    TRY_VOID(files.sync_folder(paths.segments()));
  }
  return {};
}

}  // namespace wardlock::audit
