#include "audit/format/format.h"

#include <gtest/gtest.h>

#include "event/event_for_test.h"

namespace wardlock::audit {
namespace {

TEST(FormatTest, EachHasAName) {
  for (const FormatName& each : all_formats()) {
    EXPECT_EQ(find_format(each.name), each.format);
    EXPECT_EQ(to_string(each.format), each.name);
    EXPECT_FALSE(each.about.empty());
  }
}

TEST(FormatTest, AnotherNameIsToldWhichThereAre) {
  for (const std::string_view name : {"", "xml", "SYSLOG", "syslog ", "csv"}) {
    const auto found = find_format(name);
    ASSERT_FALSE(found) << name;
    EXPECT_EQ(found.error().code, ErrorCode::kInvalidArgument);
    for (const FormatName& each : all_formats()) {
      EXPECT_TRUE(found.error().message.contains("`" + std::string(each.name) + "`"));
    }
  }
}

TEST(FormatTest, AnEventHasOneMessage) {
  const event::Event event = event::full_event_for_test();
  for (const FormatName& each : all_formats()) {
    std::string once, again = "before ";
    ASSERT_TRUE(append(each.format, event, {}, once));
    ASSERT_TRUE(append(each.format, event, {}, again));
    EXPECT_EQ("before " + once, again) << each.name;
  }
}

}  // namespace
}  // namespace wardlock::audit
