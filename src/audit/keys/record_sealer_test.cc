#include "audit/keys/record_sealer.h"

#include <gtest/gtest.h>

#include "audit/keys/subject_keys_fixture.h"
#include "event/event_for_test.h"

namespace wardlock::audit {
namespace {

class RecordSealerTest : public SubjectKeysTest {
 protected:
  static std::string draft_of(const event::Event& event) {
    std::string out;
    EXPECT_TRUE(event::write_draft(event, out));
    return out;
  }
  static std::string opened(std::string_view record, SubjectKeys& keys) {
    Arena arena;
    const auto event = event::open_record(record, keys, arena);
    return event ? event::json_for_test(*event) : "error: " + event.error().message;
  }

  std::vector<std::string> records_;
  RecordSealer::Add add_ = [this](std::string_view record) -> Result<void> {
    records_.emplace_back(record);
    return {};
  };
};

TEST_F(RecordSealerTest, SealsABatchInOrder) {
  const auto keys = open();
  RecordSealer sealer(*keys);
  const event::Event one = event::full_event_for_test(), two = event::decision_for_test();
  const event::Event three = {.id = "e", .kind = event::Kind::kServiceStart};
  const std::string drafts[] = {draft_of(one), draft_of(three), draft_of(two)};
  ASSERT_TRUE(sealer.seal(std::vector<std::string_view>(drafts, drafts + 3), add_));
  ASSERT_EQ(records_.size(), 3U);
  EXPECT_EQ(opened(records_[0], *keys), event::json_for_test(one));
  EXPECT_EQ(opened(records_[1], *keys), event::json_for_test(three));
  EXPECT_EQ(opened(records_[2], *keys), event::json_for_test(two));
  ASSERT_TRUE(sealer.seal({}, add_));
  EXPECT_EQ(records_.size(), 3U);
}

TEST_F(RecordSealerTest, AfterAnErasureTheRestIsReadable) {
  const auto keys = open();
  RecordSealer sealer(*keys);
  const std::string draft = draft_of(event::decision_for_test());
  ASSERT_TRUE(sealer.seal(std::vector<std::string_view>{draft}, add_));
  ASSERT_TRUE(keys->erase(patient_, 1).value());
  EXPECT_TRUE(opened(records_[0], *keys).contains(R"("erased":["patient"])"));
  EXPECT_TRUE(opened(records_[0], *keys).contains("dr-grey"));
  EXPECT_FALSE(opened(records_[0], *keys).contains("p-100"));
}

TEST_F(RecordSealerTest, AFailureOfWhoTakesThemEndsIt) {
  const auto keys = open();
  RecordSealer sealer(*keys);
  const std::string draft = draft_of(event::decision_for_test());
  int taken = 0;
  const auto sealed = sealer.seal(std::vector<std::string_view>{draft, draft},
                                  [&](std::string_view) -> Result<void> {
                                    ++taken;
                                    return fail(ErrorCode::kResourceExhausted, "no more");
                                  });
  ASSERT_FALSE(sealed);
  EXPECT_EQ(sealed.error().message, "no more");
  EXPECT_EQ(taken, 1);
}

}  // namespace
}  // namespace wardlock::audit
