#include "event/draft.h"

#include <gtest/gtest.h>

#include <vector>

#include "event/event_for_test.h"

namespace wardlock::event {
namespace {

std::string draft_of(const Event& event) {
  std::string out;
  EXPECT_TRUE(write_draft(event, out));
  return out;
}

std::string error_of(const Event& event) {
  std::string out = "before";
  const auto written = write_draft(event, out);
  if (written) return "";
  EXPECT_EQ(out, "before") << "an event that is refused leaves nothing behind";
  return written.error().message;
}

TEST(Draft, HasThePartsOfItsEventWithTheirSubjects) {
  const std::string draft = draft_of(full_event_for_test());
  const auto view = read_draft(draft);
  ASSERT_TRUE(view);
  ASSERT_EQ(view->parts().size(), 3U);
  EXPECT_EQ(view->parts()[0].subject, (Subject{"st-mary", "User", "dr-grey"}));
  EXPECT_EQ(view->parts()[1].subject, (Subject{"st-mary", "Nurse", "n-jones"}));
  EXPECT_EQ(view->parts()[2].subject, (Subject{"st-mary", "Patient", "p-100"}));
  for (const std::string_view secret : {"dr-grey", "p-100", "n-jones", "collapsed", "192.0.2"}) {
    EXPECT_FALSE(view->clear_json.contains(secret)) << secret;
  }
}

TEST(Draft, APartWithoutASubjectIsTheTenants) {
  Event event = decision_for_test();
  event.patient = event.principal_id = "";
  const std::string draft = draft_of(event);
  const auto view = read_draft(draft);
  ASSERT_TRUE(view);
  ASSERT_EQ(view->parts().size(), 2U);
  EXPECT_EQ(view->parts()[0].part, Part::kPerson);
  EXPECT_EQ(view->parts()[0].subject, (Subject{.tenant = "st-mary"}));
  EXPECT_EQ(view->parts()[1].part, Part::kPatient);
  EXPECT_EQ(view->parts()[1].subject, (Subject{.tenant = "st-mary"}));
}

TEST(Draft, APartWithoutFieldsIsNotThere) {
  const std::string draft = draft_of({.id = "e", .kind = Kind::kServiceStart});
  const auto view = read_draft(draft);
  ASSERT_TRUE(view);
  EXPECT_TRUE(view->parts().empty());
}

TEST(Draft, IsAppended) {
  std::string both = draft_of(decision_for_test());
  const std::size_t one = both.size();
  ASSERT_TRUE(write_draft(decision_for_test(), both));
  EXPECT_EQ(both.substr(0, one), both.substr(one));
}

TEST(Draft, AnEventHasAnId) {
  Event event = decision_for_test();
  event.id = "";
  EXPECT_EQ(error_of(event), "the event has no id");
}

TEST(Draft, AnEventHasAtMost60KiB) {
  Event event = decision_for_test();
  // So that all of it together is 60 KiB.
  std::size_t others = 0;
  {
    const std::string draft = draft_of(event);
    const auto view = read_draft(draft).value();
    others = view.clear_json.size();
    for (const DraftPart& part : view.parts()) others += part.json.size();
  }
  const std::string key = ",\"session\":\"\"";
  const std::string most(kMaxEventBytes - others - key.size(), 'x');
  event.session = most;
  EXPECT_EQ(error_of(event), "");
  const std::string more = most + "x";
  event.session = more;
  EXPECT_EQ(error_of(event),
            "the event has 61441 bytes; at most 61440 are kept: send shorter texts");
  std::string out;
  EXPECT_EQ(write_draft(event, out).error().code, ErrorCode::kResourceExhausted);
}

TEST(Draft, AnIdCountsAsOftenAsItIsThere) {
  Event event = decision_for_test();
  const std::string half(kMaxEventBytes / 2 - 2000, 'x');
  event.principal_id = half;
  EXPECT_EQ(error_of(event), "");
  const std::string more(kMaxEventBytes - 5000, 'x');
  event.principal_id = more;
  EXPECT_TRUE(error_of(event).contains("the ids it is sealed for have")) << error_of(event);
  std::string out = "before";
  EXPECT_FALSE(write_draft(event, out));
  EXPECT_EQ(out, "before");
}

TEST(Draft, ManyTextsCountTogether) {
  const std::string text(1000, 'x');
  const std::vector<std::string_view> texts(62, text);
  Event event = decision_for_test();
  event.policies = texts;
  EXPECT_TRUE(error_of(event).contains("at most 61440 are kept"));
}

TEST(Draft, AHugeTextIsRefusedBeforeItIsCopied) {
  const std::string huge(std::size_t{50} << 20, 'x');
  Event event = decision_for_test();
  event.node = huge;
  std::string out;
  ASSERT_FALSE(write_draft(event, out));
  EXPECT_LT(out.capacity(), std::size_t{1} << 20);
}

TEST(Draft, AReasonIsCapped) {
  const std::string reason(kMaxFreeTextBytes + 1, 'x');
  Event event = decision_for_test();
  event.reason = reason;
  EXPECT_TRUE(error_of(event).contains("`reason`"));
}

TEST(Draft, NothingElseIsRead) {
  const std::string draft = draft_of(full_event_for_test());
  for (std::size_t size = 0; size < draft.size(); ++size) {
    EXPECT_FALSE(read_draft(std::string_view(draft).substr(0, size))) << size;
  }
  EXPECT_FALSE(read_draft(draft + "x"));
  std::string other = draft;
  other[0] = 2;
  EXPECT_FALSE(read_draft(other));
}

}  // namespace
}  // namespace wardlock::event
