#include "audit/index/follow.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "audit/index/indexed_log_for_test.h"
#include "audit/index/search.h"
#include "audit/log/segment.h"

namespace wardlock::audit {
namespace {

using event::Event;
using Sequences = std::vector<std::uint64_t>;

Event event_of(int number, std::string_view patient = "p-1", std::string_view reason = {}) {
  Event event = event::decision_for_test();
  event.time = 1000 + number;
  event.patient = patient;
  event.reason = reason;
  return event;
}

class Follow : public testing::Test {
 protected:
  Result<std::uint64_t> follow(const CatchUp& how = {}) {
    auto reader = log_.reader();
    return catch_up(*log_.index, reader, *log_.keys, how);
  }
  Sequences find(const Query& query) {
    auto reader = log_.reader();
    Sequences records;
    const auto found = find_events(*log_.index, reader, *log_.keys, query,
                                   [&](std::uint64_t record, const Result<Event>& event) {
                                     EXPECT_TRUE(event) << record;
                                     records.push_back(record);
                                     return Result<void>();
                                   });
    EXPECT_TRUE(found) << found.error().message;
    EXPECT_TRUE(!found || found->count == records.size());
    return records;
  }
  /// So many that they need several segments, and the number of the last one's first record.
  std::uint64_t fill_segments() {
    const std::string reason(4000, 'r');
    std::vector<Event> events;
    for (int i = 0; i < 200; ++i) events.push_back(event_of(i, "p-1", reason));
    log_.append(events);
    const auto firsts = list_segments(log_.files, LogPaths(log_.log.folder()).segments()).value();
    EXPECT_GT(firsts.size(), 2U);
    return firsts.back();
  }
  void remove_segments_before(std::uint64_t last) {
    const LogPaths paths(log_.log.folder());
    const auto firsts = list_segments(log_.files, paths.segments()).value();
    for (const std::uint64_t first : firsts) {
      if (first < last) std::filesystem::remove(paths.segment(first));
    }
  }

  IndexedLog log_;
};

TEST_F(Follow, what_comes_is_found) {
  log_.append({event_of(0), event_of(1, "p-2")});
  EXPECT_EQ(follow(), 2U);
  EXPECT_EQ(find({.tenant = "st-mary", .patient = "p-1"}), (Sequences{0}));
  EXPECT_EQ(follow(), 2U);
  log_.append({event_of(2)});
  EXPECT_EQ(find({.tenant = "st-mary", .patient = "p-1"}), (Sequences{0}));
  EXPECT_EQ(follow(), 3U);
  EXPECT_EQ(find({.tenant = "st-mary", .patient = "p-1"}), (Sequences{2, 0}));
}

TEST_F(Follow, a_log_without_records_has_nothing_to_follow) {
  log_.append({});
  EXPECT_EQ(follow(), 0U);
}

TEST_F(Follow, no_log_is_an_error) {
  const auto followed = follow();
  ASSERT_FALSE(followed);
  EXPECT_EQ(followed.error().code, ErrorCode::kNotFound);
}

TEST_F(Follow, goes_no_further_than_it_is_told) {
  log_.append({event_of(0), event_of(1), event_of(2)});
  EXPECT_EQ(follow({.until = 2}), 2U);
  EXPECT_EQ(follow({.until = 1}), 2U);
  EXPECT_EQ(follow({.until = 100}), 3U);
}

TEST_F(Follow, can_be_stopped_and_goes_on) {
  std::vector<Event> events;
  for (int i = 0; i < 5000; ++i) events.push_back(event_of(i));
  log_.append(events);
  std::vector<std::uint64_t> seen;
  const auto stopped = follow({.go_on = [&](std::uint64_t done, std::uint64_t all) {
    EXPECT_EQ(all, 5000U);
    seen.push_back(done);
    return seen.size() < 2;
  }});
  ASSERT_TRUE(stopped);
  EXPECT_GT(*stopped, 0U);
  EXPECT_LT(*stopped, 5000U);
  EXPECT_EQ(seen, (std::vector<std::uint64_t>{0, *stopped}));
  log_.open_index();
  EXPECT_EQ(follow(), 5000U);
  EXPECT_EQ(find({.tenant = "st-mary", .patient = "p-1", .limit = 3}),
            (Sequences{4999, 4998, 4997}));
}

TEST_F(Follow, begins_behind_segments_that_were_removed) {
  const std::uint64_t first = fill_segments();
  remove_segments_before(first);
  EXPECT_EQ(follow(), 200U);
  const Sequences found = find({.tenant = "st-mary", .patient = "p-1", .limit = 1000});
  EXPECT_EQ(found.size(), 200 - first);
  EXPECT_EQ(found.back(), first);
}

TEST_F(Follow, what_was_removed_after_it_was_indexed_is_not_found) {
  const std::uint64_t first = fill_segments();
  EXPECT_EQ(follow(), 200U);
  remove_segments_before(first);
  EXPECT_EQ(follow(), 200U);
  for (const bool is_newest_first : {true, false}) {
    const Sequences found = find(
        {.tenant = "st-mary", .patient = "p-1", .is_newest_first = is_newest_first, .limit = 1000});
    EXPECT_EQ(found.size(), 200 - first);
    EXPECT_EQ(is_newest_first ? found.back() : found.front(), first);
  }
}

TEST_F(Follow, a_damaged_record_keeps_none_from_being_found) {
  log_.append({event_of(0), event_of(1), event_of(2)});
  const auto [segment, offset] = log_.log.place_of_record(1);
  log_.log.flip(segment, offset + 60, 3);
  EXPECT_EQ(follow(), 3U);
  EXPECT_EQ(log_.index->unreadable(), 1U);
  EXPECT_EQ(find({.tenant = "st-mary", .patient = "p-1"}), (Sequences{2, 0}));
}

TEST_F(Follow, a_place_that_is_none_keeps_none_from_being_found) {
  log_.append({event_of(0), event_of(1), event_of(2)});
  log_.log.write_at(LogPaths(log_.log.folder()).offsets(), 4, std::string(4, '\0'));
  EXPECT_EQ(follow(), 3U);
  EXPECT_EQ(log_.index->unreadable(), 1U);
  EXPECT_EQ(find({.tenant = "st-mary", .patient = "p-1"}), (Sequences{2, 0}));
}

TEST_F(Follow, a_record_that_was_damaged_later_is_told_of_in_its_place) {
  log_.append({event_of(0), event_of(1), event_of(2)});
  EXPECT_EQ(follow(), 3U);
  const auto [segment, offset] = log_.log.place_of_record(1);
  log_.log.flip(segment, offset + 60, 3);
  auto reader = log_.reader();
  Sequences sound, damaged;
  const auto found = find_events(*log_.index, reader, *log_.keys, {.tenant = "st-mary"},
                                 [&](std::uint64_t record, const Result<Event>& event) {
                                   (event ? sound : damaged).push_back(record);
                                   return Result<void>();
                                 });
  EXPECT_EQ(found->count, 3U);
  EXPECT_EQ(sound, (Sequences{2, 0}));
  EXPECT_EQ(damaged, (Sequences{1}));
}

TEST_F(Follow, a_log_that_became_shorter_is_not_followed) {
  log_.append({event_of(0), event_of(1)});
  EXPECT_EQ(follow(), 2U);
  IndexedLog other;
  other.append({event_of(0)});
  auto reader = other.reader();
  const auto followed = catch_up(*log_.index, reader, *log_.keys);
  ASSERT_FALSE(followed);
  EXPECT_EQ(followed.error().code, ErrorCode::kFailedPrecondition);
  EXPECT_TRUE(followed.error().message.contains("rebuild the index"));
}

TEST_F(Follow, a_log_that_took_another_course_is_not_followed) {
  log_.append({event_of(0), event_of(1)});
  EXPECT_EQ(follow(), 2U);
  IndexedLog other;
  other.append({event_of(0), event_of(1), event_of(2)});
  auto reader = other.reader();
  const auto followed = catch_up(*log_.index, reader, *log_.keys);
  ASSERT_FALSE(followed);
  EXPECT_EQ(followed.error().code, ErrorCode::kFailedPrecondition);
  EXPECT_EQ(log_.index->next(), 2U);
}

TEST_F(Follow, an_index_that_was_removed_is_made_again) {
  log_.append({event_of(0), event_of(1)});
  EXPECT_EQ(follow(), 2U);
  log_.remove_index();
  log_.open_index();
  EXPECT_EQ(follow(), 2U);
  EXPECT_EQ(find({.tenant = "st-mary", .patient = "p-1"}), (Sequences{1, 0}));
}

TEST_F(Follow, pages_lead_to_the_end) {
  log_.append({event_of(0), event_of(1, "p-2"), event_of(2), event_of(3), event_of(4)});
  EXPECT_EQ(follow(), 5U);
  auto reader = log_.reader();
  Sequences records;
  const auto count = find_all_events(*log_.index, reader, *log_.keys,
                                     {.tenant = "st-mary", .patient = "p-1", .limit = 2},
                                     [&](std::uint64_t record, const Result<Event>&) {
                                       records.push_back(record);
                                       return Result<void>();
                                     });
  EXPECT_EQ(count, 4U);
  EXPECT_EQ(records, (Sequences{4, 3, 2, 0}));
}

TEST_F(Follow, who_takes_can_stop) {
  log_.append({event_of(0), event_of(1)});
  EXPECT_EQ(follow(), 2U);
  auto reader = log_.reader();
  int taken = 0;
  const auto found = find_events(*log_.index, reader, *log_.keys, {.tenant = "st-mary"},
                                 [&](std::uint64_t, const Result<Event>&) -> Result<void> {
                                   ++taken;
                                   return fail(ErrorCode::kCancelled, "enough");
                                 });
  EXPECT_EQ(found.error().code, ErrorCode::kCancelled);
  EXPECT_EQ(taken, 1);
}

TEST(Fits, says_certainly_what_a_term_says_nearly) {
  const Event event = event::full_event_for_test();
  const std::string tenant(event.tenant);
  EXPECT_TRUE(fits(event, {.tenant = tenant}));
  EXPECT_TRUE(fits(event, {.tenant = std::nullopt}));
  EXPECT_TRUE(fits(event, {.tenant = tenant,
                           .principal = NamedSubject{std::string(event.principal_type),
                                                     std::string(event.principal_id)},
                           .patient = std::string(event.patient),
                           .kinds = {event.kind},
                           .from = event.time,
                           .until = event.time + 1}));
  for (const Query& query :
       std::vector<Query>{{.tenant = "another"},
                          {.tenant = tenant, .principal = NamedSubject{"User", "another"}},
                          {.tenant = tenant,
                           .principal = NamedSubject{"Another", std::string(event.principal_id)}},
                          {.tenant = tenant, .affected = NamedSubject{"User", "another"}},
                          {.tenant = tenant, .patient = "another"},
                          {.tenant = tenant, .patient = ""},
                          {.tenant = tenant, .device = "another"},
                          {.tenant = tenant, .caller = "another"},
                          {.tenant = tenant, .decision_id = "another"},
                          {.tenant = tenant, .kinds = {event::Kind::kReview}},
                          {.tenant = tenant, .outcome = event::Outcome::kError},
                          {.tenant = tenant, .from = event.time + 1},
                          {.tenant = tenant, .until = event.time}}) {
    EXPECT_FALSE(fits(event, query));
  }
}

}  // namespace
}  // namespace wardlock::audit
