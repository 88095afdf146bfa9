#include "server/fetch_task.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "administration/told_items.h"
#include "base/wall_clock.h"
#include "server/followed_view.h"

namespace wardlock::server {
namespace {

using directory::FetchedValues;
using directory::FetchSource;
using directory::ToldValue;

std::int64_t signed_count(std::size_t count) { return static_cast<std::int64_t>(count); }

directory::Mandate mandate_of(const FetchSource& source) {
  return {.tenant = source.tenant,
          .actor_type = "Service",
          .actor_id = fmt::format("source:{}", source.name),
          .caller = "wardlock",
          .reason = fmt::format("as the source `{}` answered", source.name)};
}

/// Of what is told of one attribute of one thing the latest is left; where the latest are two
/// different values, none. Returns of how many that was so.
std::size_t drop_contradictions(std::vector<ToldValue>& values) {
  std::ranges::sort(values, std::ranges::greater{}, [](const ToldValue& value) {
    return std::tie(value.thing, value.attribute, value.observed_ms, value.value);
  });
  std::vector<ToldValue> left;
  std::size_t dropped = 0;
  for (std::size_t i = 0; i < values.size();) {
    const auto is_same = [&](const ToldValue& other) {
      return other.thing == values[i].thing && other.attribute == values[i].attribute;
    };
    std::size_t end = i + 1;
    bool is_contradicted = false;
    for (; end < values.size() && is_same(values[end]); ++end) {
      is_contradicted |=
          values[end].observed_ms == values[i].observed_ms && values[end].value != values[i].value;
    }
    if (is_contradicted) {
      ++dropped;
    } else {
      left.push_back(values[i]);
    }
    i = end;
  }
  values = std::move(left);
  return dropped;
}

/// What the source is known to have told.
class Known {
 public:
  static Result<Known> read(const FetchSource& source, const Directory& directory,
                            const DirectoryView& view) {
    Known known;
    for (const directory::ToldAttribute& each : TRY(view.told_attributes())) {
      if (each.source != source.source) continue;
      const auto [place, is_first] = known.fresh_ms_.emplace(each.name, each.fresh_ms);
      if (!is_first) place->second = std::min(place->second, each.fresh_ms);
    }
    for (ToldValue& each : TRY(directory.told_desk->told_by(source.tenant, source.source))) {
      auto key = std::pair(each.thing, each.attribute);
      known.values_.emplace(std::move(key), std::move(each));
    }
    return known;
  }

  /// Whether it is as it was, and what is known of it is fresh for a while.
  bool has(const ToldValue& value) const {
    const auto known = values_.find({value.thing, value.attribute});
    const auto fresh = fresh_ms_.find(value.attribute);
    if (known == values_.end() || fresh == fresh_ms_.end()) return false;
    const std::int64_t age = value.observed_ms - known->second.observed_ms;
    return age < 0 || (known->second.value == value.value && age < fresh->second / 2);
  }

 private:
  std::map<std::pair<std::string, std::string>, ToldValue> values_;  ///< by thing and attribute
  std::map<std::string, std::int64_t> fresh_ms_;
};

class Asking {
 public:
  Asking(const FetchSource& source, Directory& directory, const net::Interruption& interruption,
         Log& log)
      : source_(source), directory_(directory), interruption_(interruption), log_(log) {}

  Result<std::string> ask(const std::function<bool()>& go_on) {
    const auto view = std::ranges::find(directory_.views, source_.tenant,
                                        [](const auto& each) { return each->tenant(); });
    if (view == directory_.views.end()) {
      return fail(ErrorCode::kFailedPrecondition, "no policies see the directory here");
    }
    const std::int64_t now = wall_clock_ms();
    FetchedValues fetched = TRY(directory::fetch_values(source_, interruption_, now));
    FollowedView followed(**view, now);
    const administration::ToldPlace place{.registry = *directory_.registry,
                                          .view = followed,
                                          .tenant = source_.tenant,
                                          .source = source_.source,
                                          .observed_ms = now,
                                          .now_ms = wall_clock_ms()};
    administration::ToldItems items = TRY(administration::read_told_items(place, fetched.items));
    fetched.contradictions += drop_contradictions(items.values);
    const Known known = TRY(Known::read(source_, directory_, **view));
    std::erase_if(items.values, [&](const ToldValue& value) { return known.has(value); });
    TRY_VOID(tell(items.values, go_on));
    note(fetched, items);
    return std::string();
  }

 private:
  Result<void> tell(const std::vector<ToldValue>& values, const std::function<bool()>& go_on) {
    const directory::Mandate mandate = mandate_of(source_);
    for (std::size_t first = 0; first < values.size(); first += directory::kMostToldAtOnce) {
      if (!go_on()) return fail(ErrorCode::kCancelled, "it is to stop");
      const std::size_t end = std::min(values.size(), first + directory::kMostToldAtOnce);
      std::vector<ToldValue> some(values.begin() + static_cast<std::ptrdiff_t>(first),
                                  values.begin() + static_cast<std::ptrdiff_t>(end));
      TRY(directory_.told_desk->tell(mandate, source_.source, std::move(some)));
    }
    return {};
  }

  /// In numbers: words of it would name people.
  void note(const FetchedValues& fetched, const administration::ToldItems& items) {
    if (items.refused.empty() && fetched.contradictions == 0 && fetched.unread == 0) return;
    log_.warning("attribute_source_faults",
                 {{"tenant", source_.tenant},
                  {"source", source_.name},
                  {"unknown", signed_count(items.unknown)},
                  {"wrong", signed_count(items.refused.size() - items.unknown)},
                  {"contradictions", signed_count(fetched.contradictions)},
                  {"unread", signed_count(fetched.unread)}});
  }

  const FetchSource& source_;
  Directory& directory_;
  const net::Interruption& interruption_;
  Log& log_;
};

}  // namespace

TurnTask fetch_task(const FetchSource& source, Directory& directory,
                    const net::Interruption& interruption, Log& log) {
  return {.tenant = source.tenant,
          .name = fmt::format("ask {}", source.name),
          .interval = source.interval,
          .look = [](const directory::Turns::Last&) {},
          .work =
              [&source, &directory, &interruption, &log](const std::function<bool()>& go_on) {
                return Asking(source, directory, interruption, log).ask(go_on);
              }};
}

}  // namespace wardlock::server
