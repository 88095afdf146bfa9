#include "audit/format/cef.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "base/version.h"
#include "event/event_for_test.h"

namespace wardlock::audit {
namespace {

using event::Event;

std::string message(const Event& event) {
  std::string out;
  append_cef(event, out);
  return out;
}

Event bare() { return {.id = "1", .time = 1'795'330'000'123, .kind = event::Kind::kLogin}; }

TEST(CefTest, HasHeaderAndExtension) {
  Event event = bare();
  event.node = "node-1";
  event.principal_type = "User";
  event.principal_id = "dr-grey";
  event.source_address = "192.0.2.77";
  EXPECT_EQ(message(event),
            "CEF:0|Wardlock|wardlock|" + std::string(version()) +
                "|login|Somebody proved who they are|1|externalId=1 dvchost=node-1 "
                "outcome=success suser=dr-grey wardlockPrincipalType=User src=192.0.2.77 "
                "rt=1795330000123");
}

TEST(CefTest, EachFieldHasAKeyOfItsOwn) {
  std::set<std::string_view> keys;
  for (const event::Field& field : event::all_fields()) {
    const std::string_view key = cef_key(field);
    EXPECT_EQ(key.empty(), field.name == "kind") << field.name;
    EXPECT_TRUE(keys.insert(key).second) << key;
    EXPECT_EQ(
        key.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"),
        std::string_view::npos)
        << key;
  }
  EXPECT_TRUE(keys.contains("wardlockPolicySet"));
}

TEST(CefTest, SeverityGrowsWithWeight) {
  const auto severity = [](event::Kind kind, event::Outcome outcome) {
    Event event = bare();
    event.kind = kind;
    event.outcome = outcome;
    const std::string text = message(event);
    const std::size_t end = text.find("|externalId");
    return text.substr(text.rfind('|', end - 1) + 1, end - text.rfind('|', end - 1) - 1);
  };
  using enum event::Kind;
  using enum event::Outcome;
  EXPECT_EQ(severity(kDecision, kSuccess), "1");
  EXPECT_EQ(severity(kOverrideStart, kSuccess), "4");
  EXPECT_EQ(severity(kDecision, kFailure), "5");
  EXPECT_EQ(severity(kDecision, kError), "8");
}

TEST(CefTest, ValuesAreEscaped) {
  Event event = bare();
  event.principal_id = "a=b|c\\d\r\nrt=0\x1B";
  EXPECT_TRUE(message(event).contains(R"(suser=a\=b|c\\d\r\nrt\=0\\u{1b} rt=)")) << message(event);
}

TEST(CefTest, ListsAreSeparatedByCommas) {
  Event event = bare();
  const std::string_view policies[] = {"one", "two=2"};
  event.policies = policies;
  EXPECT_TRUE(message(event).contains(R"(wardlockPolicies=one,two\=2 rt=)"));
}

TEST(CefTest, OnlyIpv4IsASource) {
  Event event = bare();
  event.source_address = "2001:db8::7";
  EXPECT_TRUE(message(event).contains(" c6a2Label=Source IPv6 Address c6a2=2001:db8::7 rt="));
  for (const std::string_view other : {"192.0.2.0/24", "***", "192.0.2.7.1", "ward"}) {
    event.source_address = other;
    EXPECT_TRUE(message(event).contains(" wardlockSourceAddress=" + std::string(other) + " rt="));
  }
}

}  // namespace
}  // namespace wardlock::audit
