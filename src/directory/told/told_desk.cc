#include "directory/told/told_desk.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "codec/json.h"
#include "directory/registry/read_from.h"

namespace wardlock::directory {
namespace {

/// So far ahead may a source's clock be.
constexpr std::int64_t kClockSkewMs = 60'000;

/// Ids and names, no values.
std::string entry_of(const std::vector<ToldValue>& values) {
  boost::json::array things;
  std::set<std::string_view> seen;
  for (const ToldValue& value : values) {
    if (seen.insert(value.thing).second) things.emplace_back(value.thing);
  }
  return codec::to_json_text(boost::json::object{{kToldThings, std::move(things)}});
}

std::string names_in(const std::vector<ToldValue>& values) {
  std::set<std::string_view> names;
  for (const ToldValue& value : values) names.insert(value.attribute);
  return fmt::format("{}", fmt::join(names, ", "));
}

}  // namespace

Result<void> check_told_value(const ToldValue& value, std::int64_t now_ms) {
  if (value.value.size() > kMostToldBytes) {
    return invalid(fmt::format("what is told of `{}` has more than {} bytes", value.attribute,
                               kMostToldBytes));
  }
  if (value.observed_ms > now_ms + kClockSkewMs) {
    return invalid(fmt::format("`{}` was observed in the future: set the clock of its source",
                               value.attribute));
  }
  if (value.observed_ms < 0) return invalid("nothing was observed before 1970");
  return {};
}

Result<Told> ToldDesk::tell(const Mandate& mandate, std::string_view source,
                            std::vector<ToldValue> values) {
  if (values.empty()) return invalid("nothing is told");
  if (values.size() > kMostToldAtOnce) {
    return invalid(fmt::format("at most {} values are told at once", kMostToldAtOnce));
  }
  const std::int64_t now = surroundings_.clock();
  for (ToldValue& value : values) {
    TRY_VOID(check_told_value(value, now));
    value.observed_ms = std::min(value.observed_ms, now);
    value.source = source;
    value.told_ms = now;
  }
  Told told;
  const auto written = store_.write([&](storage::Work& work) -> Result<void> {
    told = TRY(tell_in(work, mandate, values));
    return {};
  });
  TRY_VOID(written);
  return told;
}

Result<Told> ToldDesk::tell_in(storage::Work& work, const Mandate& mandate,
                               const std::vector<ToldValue>& values) const {
  Told told;
  std::vector<ToldValue> kept;
  for (const ToldValue& value : values) {
    const bool is_kept = TRY(keep_told(work, mandate.tenant, value));
    told.are_kept.push_back(is_kept);
    if (is_kept) kept.push_back(value);
  }
  if (kept.empty()) return told;
  const std::string names = names_in(kept);
  event::Event event;
  event.kind = event::Kind::kUserChange;
  event.action = "tell_attributes";
  event.changed = names;
  event.resource_type = "Source";
  event.resource_id = kept.front().source;
  event.count = static_cast<std::int64_t>(kept.size());
  Journal journal(work, mandate, surroundings_);
  TRY_VOID(journal.add({What::kChanged, kToldEntry, kept.front().source, entry_of(kept)}, event));
  told.revision = journal.revision();
  return told;
}

Result<std::vector<ToldValue>> ToldDesk::told_of(std::string_view tenant,
                                                 std::string_view thing) const {
  return read_from<std::vector<ToldValue>>(
      store_, [&](storage::Work& work) { return find_told(work, tenant, thing); });
}

Result<std::vector<ToldValue>> ToldDesk::told_by(std::string_view tenant,
                                                 std::string_view source) const {
  return read_from<std::vector<ToldValue>>(
      store_, [&](storage::Work& work) { return find_told_by(work, tenant, source); });
}

Result<std::size_t> ToldDesk::erase(std::string_view tenant, std::string_view source,
                                    std::string_view attribute, std::int64_t until_ms) {
  std::size_t erased = 0;
  const auto written = store_.write([&](storage::Work& work) -> Result<void> {
    erased = TRY(erase_told(work, tenant, source, attribute, until_ms));
    return {};
  });
  TRY_VOID(written);
  return erased;
}

Result<ToldCount> ToldDesk::count(std::string_view tenant, std::string_view source,
                                  std::string_view attribute, std::int64_t fresh_after_ms) const {
  return read_from<ToldCount>(store_, [&](storage::Work& work) {
    return count_told(work, tenant, source, attribute, fresh_after_ms);
  });
}

}  // namespace wardlock::directory
