#include "audit/index/search.h"

#include <algorithm>

namespace wardlock::audit {
namespace {

bool is_subject(std::string_view type, std::string_view id,
                const std::optional<NamedSubject>& wanted) {
  return !wanted || (type == wanted->type && id == wanted->id);
}

bool is_text(std::string_view text, const std::optional<std::string>& wanted) {
  return !wanted || text == *wanted;
}

/// A record that is damaged, or of a later version, is told of in its place; what else fails keeps
/// the rest from being read too.
bool is_of_the_record(const Error& error) {
  return error.code == ErrorCode::kDataLoss || error.code == ErrorCode::kUnimplemented;
}

}  // namespace

bool fits(const event::Event& event, const Query& query) {
  return is_text(event.tenant, query.tenant) &&
         is_subject(event.principal_type, event.principal_id, query.principal) &&
         is_subject(event.affected_type, event.affected_id, query.affected) &&
         is_text(event.patient, query.patient) && is_text(event.device, query.device) &&
         is_text(event.caller, query.caller) && is_text(event.decision_id, query.decision_id) &&
         is_text(event.grant, query.grant) &&
         (query.kinds.empty() || std::ranges::find(query.kinds, event.kind) != query.kinds.end()) &&
         (!query.outcome || event.outcome == *query.outcome) &&
         (!query.from || event.time >= *query.from) && (!query.until || event.time < *query.until);
}

Result<Found> find_events(Index& index, EventReader& log, SubjectKeys& keys, const Query& query,
                          const TakeEvent& take) {
  const std::uint64_t oldest = TRY(log.begin());
  Query asked = query;
  if (!asked.is_newest_first && oldest > 0) {
    asked.after = std::max(asked.after.value_or(0), oldest - 1);
  }
  const Page page = TRY(index.find(asked, keys));
  Found found;
  for (const std::uint64_t record : page.sequences) {
    if (record < oldest) return found;  // and so are those behind it
    const auto event = log.event(record);
    if (!event && !is_of_the_record(event.error())) return std::unexpected(event.error());
    if (event && !fits(*event, query)) continue;
    TRY_VOID(take(record, event));
    ++found.count;
  }
  if (page.has_more) found.next = page.last();
  return found;
}

Result<std::size_t> find_all_events(Index& index, EventReader& log, SubjectKeys& keys, Query query,
                                    const TakeEvent& take) {
  std::size_t count = 0;
  while (true) {
    const Found found = TRY(find_events(index, log, keys, query, take));
    count += found.count;
    if (!found.next) return count;
    query.after = found.next;
  }
}

}  // namespace wardlock::audit
