#include "pdp/sourced_attributes.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>

#include "pdp/snapshot.h"

namespace wardlock::pdp {
namespace {

constexpr std::int64_t kMinute = 60'000;

cedar::Schema schema(const std::string& text) {
  auto parsed = cedar::parse_schema(text);
  EXPECT_TRUE(parsed) << text;
  return *std::move(parsed);
}

/// Of a type with these attributes.
std::string fault(const std::string& attributes) {
  const cedar::Schema read = schema("entity User = { " + attributes + " };");
  const auto sourced = SourcedAttributes::read(read);
  return sourced ? "" : sourced.error().message;
}

TEST(SourcedAttributes, AreReadWithWhatHoldsWhenNobodyTellsThem) {
  const cedar::Schema read = schema(R"(
    entity Ward;
    entity User = {
      name: String,
      @source("request") seat?: String,
      @source("directory") unit?: String,
      @source("rota") @fresh("15m") @stale("deny") onCall?: Bool,
      @source("rtls") @fresh("1m") @stale("last-known 1h30m") ward?: Ward,
      @source("rota") @fresh("1d") @stale("emergency 2d") shift?: { until: datetime },
    };
    entity Pump = { @source("rtls") @fresh("30s") @stale("deny") ward?: Ward };)");
  const auto sourced = SourcedAttributes::read(read);
  ASSERT_TRUE(sourced) << sourced.error().message;
  EXPECT_EQ(sourced->all().size(), 4U);
  EXPECT_EQ(sourced->of("User").size(), 3U);
  EXPECT_TRUE(sourced->of("Ward").empty());
  EXPECT_TRUE(sourced->has_emergency());
  EXPECT_TRUE(sourced->has_name("ward"));
  EXPECT_FALSE(sourced->has_name("seat"));
  EXPECT_EQ(sourced->find("User", "unit"), nullptr);
  const SourcedAttribute* on_call = sourced->find("User", "onCall");
  ASSERT_NE(on_call, nullptr);
  EXPECT_EQ(on_call->source, "rota");
  EXPECT_EQ(on_call->fresh_ms, 15 * kMinute);
  EXPECT_EQ(on_call->silence, Silence::kDeny);
  EXPECT_EQ(on_call->last_known_ms, on_call->fresh_ms);
  const SourcedAttribute* ward = sourced->find("User", "ward");
  ASSERT_NE(ward, nullptr);
  EXPECT_EQ(ward->silence, Silence::kLastKnown);
  EXPECT_EQ(ward->last_known_ms, 90 * kMinute);
  EXPECT_EQ(sourced->find("User", "shift")->silence, Silence::kEmergency);
  EXPECT_EQ(sourced->find("Pump", "ward")->fresh_ms, kMinute / 2);
}

TEST(SourcedAttributes, AreRefusedWhereSomethingIsNotSaid) {
  EXPECT_EQ(fault(R"(@source("rota") @fresh("15m") @stale("deny") onCall?: Bool)"), "");
  EXPECT_TRUE(fault(R"(@source("rota") @fresh("15m") @stale("deny") onCall: Bool)")
                  .contains("optional, `onCall?`"));
  EXPECT_TRUE(fault(R"(@source("rota") @stale("deny") onCall?: Bool)").contains("`@fresh`"));
  EXPECT_TRUE(fault(R"(@source("rota") @fresh("15m") onCall?: Bool)").contains("`@stale`"));
  for (const char* age : {"", "15", "0m", "-1m", "15 m", "400d", "1m1h"}) {
    EXPECT_TRUE(
        fault(fmt::format(R"(@source("rota") @fresh("{}") @stale("deny") onCall?: Bool)", age))
            .contains("`@fresh`"))
        << age;
  }
}

TEST(SourcedAttributes, AreRefusedWithAWordThatMeansNothing) {
  for (const char* words : {"", "allow", "Deny", "deny 2h", "last-known", "last-known ",
                            "last-known 2", "last-known 15m", "last-known 10m", "last-known 2h 3h",
                            "last known 2h", "emergency", "emergency 0s", "emergency 999d"}) {
    EXPECT_TRUE(
        fault(fmt::format(R"(@source("rota") @fresh("15m") @stale("{}") onCall?: Bool)", words))
            .contains("`@stale`"))
        << words;
  }
  for (const char* name : {"", "Rota", "the rota", "ro/ta", "rota_1"}) {
    EXPECT_TRUE(
        fault(fmt::format(R"(@source("{}") @fresh("15m") @stale("deny") onCall?: Bool)", name))
            .contains("must be named"))
        << name;
  }
}

TEST(SourcedAttributes, AreNoPartsAndNoKeysOfContexts) {
  EXPECT_TRUE(fault(R"(@fresh("15m") onCall?: Bool)").contains("`@fresh`"));
  EXPECT_TRUE(fault(R"(@stale("deny") onCall?: Bool)").contains("`@stale`"));
  EXPECT_TRUE(fault(R"(@source("request") @stale("deny") onCall?: Bool)").contains("`@stale`"));
  EXPECT_TRUE(fault(R"(shift?: { @source("rota") @fresh("15m") @stale("deny") until?: datetime })")
                  .contains("User.shift.until"));
  EXPECT_TRUE(
      fault(R"(shifts?: Set<{ @source("rota") until?: datetime }>)").contains("whole attributes"));
  const cedar::Schema context = schema(R"(
    entity User;
    action view appliesTo { principal: User, resource: User, context: {
      @source("rota") @fresh("15m") @stale("deny") onCall?: Bool } };)");
  EXPECT_FALSE(SourcedAttributes::read(context));
  const cedar::Schema own_type = schema(R"(
    namespace Wardlock { entity Stale; }
    entity User = { @source("rota") @fresh("15m") @stale("deny") onCall?: Bool };)");
  EXPECT_FALSE(SourcedAttributes::read(own_type));
}

}  // namespace
}  // namespace wardlock::pdp
