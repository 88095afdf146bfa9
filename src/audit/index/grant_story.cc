#include "audit/index/grant_story.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <tuple>

#include "audit/index/search.h"
#include "base/utf8.h"

namespace wardlock::audit {
namespace {

using event::Event;
using event::Kind;

constexpr std::size_t kPage = 1000;

/// Who did something under the grant, to what, as decisions name them.
struct Use {
  NamedSubject principal;
  std::string patient;
  std::string device;

  auto key() const { return std::tie(principal.type, principal.id, patient, device); }
  bool operator<(const Use& other) const { return key() < other.key(); }
};

/// A log's index with what it takes to read what it finds.
struct Sources {
  Index& index;
  EventReader& log;
  SubjectKeys& keys;
};

/// What all of a grant's own events say together.
struct Story {
  std::set<std::uint64_t> records;
  std::set<Use> uses;
  std::optional<std::int64_t> begin;
};

/// Of each kind that names it: how it came about, was used, and ended.
Result<void> find_own(const Sources& from, std::string_view tenant, std::string_view grant,
                      Story& story) {
  const Query query{.tenant = std::string(tenant),
                    .grant = std::string(grant),
                    .is_newest_first = false,
                    .limit = kPage};
  const auto take = [&](std::uint64_t record, const Result<Event>& event) -> Result<void> {
    if (!event) return {};
    story.records.insert(record);
    if (!story.begin) story.begin = event->time;
    if (event->kind != Kind::kOverrideUse) return {};
    story.uses.insert({.principal = {.type = std::string(event->principal_type),
                                     .id = std::string(event->principal_id)},
                       .patient = std::string(event->patient),
                       .device = std::string(event->device)});
    return {};
  };
  TRY(find_all_events(from.index, from.log, from.keys, query, take));
  return {};
}

/// What was refused to them before.
Result<void> find_refused(const Sources& from, std::string_view tenant, const Use& use,
                          Story& story) {
  Query query{.tenant = std::string(tenant),
              .principal = use.principal,
              .kinds = {Kind::kDecision},
              .outcome = event::Outcome::kFailure,
              .from = *story.begin - kBeforeGrantMs,
              .until = *story.begin + 1,
              .is_newest_first = false,
              .limit = kPage};
  if (!use.patient.empty()) {
    query.patient = use.patient;
  } else if (!use.device.empty()) {
    query.device = use.device;
  }
  const auto take = [&](std::uint64_t record, const Result<Event>&) -> Result<void> {
    story.records.insert(record);
    return {};
  };
  TRY(find_all_events(from.index, from.log, from.keys, query, take));
  return {};
}

}  // namespace

Result<std::vector<std::uint64_t>> find_grant_story(Index& index, EventReader& log,
                                                    SubjectKeys& keys, std::string_view tenant,
                                                    std::string_view grant) {
  const Sources from{.index = index, .log = log, .keys = keys};
  Story story;
  if (!grant.empty()) TRY_VOID(find_own(from, tenant, grant, story));
  if (!story.begin) {
    return fail(ErrorCode::kNotFound,
                fmt::format("the log has no event of a grant `{}`", printable(grant)));
  }
  for (const Use& use : story.uses) TRY_VOID(find_refused(from, tenant, use, story));
  return std::vector<std::uint64_t>(story.records.begin(), story.records.end());
}

}  // namespace wardlock::audit
