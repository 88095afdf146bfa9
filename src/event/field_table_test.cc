#include "event/field_table.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "event/event_for_test.h"
#include "event/mask.h"
#include "event/words.h"

namespace wardlock::event {
namespace {

TEST(Words, HaveAHeadlineThatCountsNothing) {
  EXPECT_EQ(headline(Kind::kServiceStart), "A node began to serve");
  EXPECT_EQ(headline(Kind::kLogout), "A session ended");
  for (const auto& kind : all_kinds()) {
    EXPECT_FALSE(headline(kind.value).contains('`')) << kind.name;
    EXPECT_FALSE(headline(kind.value).empty()) << kind.name;
  }
}

TEST(FieldTable, FindsFieldsByName) {
  for (const Field& field : all_fields()) EXPECT_EQ(find_field(field.name), &field);
  for (const std::string_view name : {"", "a", "actio", "actions", "zzz", "Action"}) {
    EXPECT_EQ(find_field(name), nullptr) << name;
  }
}

/// What tells who somebody is must be sealed.
TEST(FieldTable, WhatIdentifiesIsSealed) {
  for (const std::string_view name :
       {"principal_id", "source_address", "session", "affected_id", "patient", "resource_id",
        "reason", "grant_reason", "notes"}) {
    ASSERT_NE(find_field(name), nullptr) << name;
    EXPECT_NE(find_field(name)->part, Part::kClear) << name;
  }
}

TEST(FieldTable, WhatIsSealedIsMasked) {
  for (const Field& field : all_fields()) {
    EXPECT_EQ(field.part == Part::kClear, field.mask == Mask::kKeep) << field.name;
  }
}

TEST(FieldTable, TheDocumentIsUpToDate) {
  std::ifstream file(WARDLOCK_SOURCE_DIR "/docs/formats/audit-event.md");
  const std::string text(std::istreambuf_iterator<char>(file), {});
  EXPECT_NE(text.find("\n" + reference()), std::string::npos) << "run ./dev docs";
}

TEST(Words, HaveTheirNamesBothWays) {
  for (const auto& kind : all_kinds()) {
    EXPECT_EQ(find_kind(kind.name), kind.value);
    EXPECT_EQ(to_string(kind.value), kind.name);
  }
  for (const auto& outcome : all_outcomes()) {
    EXPECT_EQ(find_outcome(outcome.name), outcome.value);
    EXPECT_EQ(to_string(outcome.value), outcome.name);
  }
  EXPECT_EQ(find_kind("Login"), std::nullopt);
  EXPECT_EQ(find_kind(""), std::nullopt);
  EXPECT_EQ(find_outcome("denied"), std::nullopt);
}

TEST(Mask, HidesWhoItWas) {
  Arena arena;
  const std::string shown = json_for_test(masked(full_event_for_test(), arena));
  for (const std::string_view secret : {"dr-grey", "p-100", "n-jones", "192.0.2.77", "session-9",
                                        "ward-7", "collapsed", "student", "context.rate"}) {
    EXPECT_FALSE(shown.contains(secret)) << secret;
  }
  EXPECT_TRUE(shown.contains(R"("principal_id":"***")"));
  EXPECT_TRUE(shown.contains(R"("source_address":"192.0.2.0/24")"));
  EXPECT_TRUE(shown.contains(R"("device":"pump-12")"));
  EXPECT_FALSE(shown.contains("authentication_time"));
}

TEST(Mask, WhatIsAbsentStaysAbsent) {
  Arena arena;
  const Event event{.id = "e", .kind = Kind::kServiceStart};
  EXPECT_EQ(json_for_test(masked(event, arena)), json_for_test(event));
}

TEST(Mask, OfAnAddressLeavesTheNetwork) {
  Arena arena;
  const auto network_of = [&](std::string_view address) {
    Event event{.source_address = address};
    mask_field(event, *find_field("source_address"), Mask::kNetwork, arena);
    return event.source_address;
  };
  EXPECT_EQ(network_of("203.0.113.9"), "203.0.113.0/24");
  EXPECT_EQ(network_of("2001:db8:1:2::9"), "2001:db8:1::/48");
  EXPECT_EQ(network_of("203.0.113.9:443"), "***");
  EXPECT_EQ(network_of("pc-of-dr-grey"), "***");
  EXPECT_EQ(network_of(std::string(200, '1')), "***");
  EXPECT_EQ(network_of(std::string_view("1.2.3.4\0dr-grey", 15)), "***");
}

TEST(Mask, CanBeChosen) {
  Arena arena;
  Event event = full_event_for_test();
  for (const std::string_view name : {"policies", "device", "count", "allowed", "id", "time"}) {
    mask_field(event, *find_field(name), Mask::kHide, arena);
  }
  EXPECT_TRUE(event.policies.empty());
  EXPECT_EQ(event.device, "***");
  EXPECT_EQ(event.count, std::nullopt);
  EXPECT_EQ(event.allowed, std::nullopt);
  EXPECT_EQ(event.time, full_event_for_test().time) << "an event cannot do without it";
}

}  // namespace
}  // namespace wardlock::event
