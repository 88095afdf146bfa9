// What happens for each event takes no memory from the heap once the buffers have grown: writing a
// draft, on the thread that decides, and sealing it, on the log's.
#include <gtest/gtest.h>

#include <vector>

#include "event/draft.h"
#include "event/event_for_test.h"
#include "event/sealed_record.h"
#include "heap_watch.h"

namespace wardlock::event {
namespace {

class DraftMemory : public testing::TestWithParam<Event> {
 protected:
  static void SetUpTestSuite() { HeapWatch::watch_this_thread(); }
};

TEST_P(DraftMemory, ADraftTakesNone) {
  std::string buffer;
  ASSERT_TRUE(write_draft(GetParam(), buffer));
  buffer.clear();
  bool is_written = false;
  std::size_t count = 0;
  std::string first;
  {
    const HeapWatch watch;
    is_written = write_draft(GetParam(), buffer).has_value();
    count = watch.count();
    if (count > 0) first = watch.first();
  }
  EXPECT_TRUE(is_written);
  EXPECT_EQ(count, 0U) << first;
}

TEST_P(DraftMemory, SealingTakesNone) {
  std::string draft, record;
  ASSERT_TRUE(write_draft(GetParam(), draft));
  std::vector<SubjectKey> keys;
  const auto read = read_draft(draft);
  for (const DraftPart& part : read->parts()) {
    keys.push_back(key_for_test(part.subject));
  }
  const RecordRandom random = {};
  seal_record(read_draft(draft).value(), keys, random, record);
  record.clear();
  std::size_t count = 0;
  {
    const HeapWatch watch;
    seal_record(read_draft(draft).value(), keys, random, record);
    count = watch.count();
  }
  EXPECT_EQ(count, 0U);
}

TEST(HeapWatchOfDrafts, CountsABufferThatGrows) {
  HeapWatch::watch_this_thread();
  std::string buffer;
  std::size_t count = 0;
  {
    const HeapWatch watch;
    EXPECT_TRUE(write_draft(decision_for_test(), buffer));
    count = watch.count();
  }
  EXPECT_GT(count, 0U);
}

Event with_odd_texts() {
  Event event = decision_for_test();
  event.reason = "not \xFF UTF-8, \"quoted\", on\ntwo lines \u202E";
  return event;
}

INSTANTIATE_TEST_SUITE_P(Events, DraftMemory,
                         testing::Values(decision_for_test(), full_event_for_test(),
                                         with_odd_texts()));

}  // namespace
}  // namespace wardlock::event
