#include <fmt/format.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "api/admin/admin_for_test.h"
#include "crypto/random.h"
#include "directory/registry/tables.h"
#include "directory/told/tables.h"
#include "directory/told/told_desk.h"

namespace wardlock::admin {
namespace {

using directory::Thing;

constexpr std::int64_t kMinute = 60'000;

/// The schema has `rota` tell whether people are on call, with truth values.
class RotaView : public administration::PolicyView {
 public:
  Result<directory::SeenThing> of(std::string_view id) override {
    if (is_down) return fail(ErrorCode::kUnavailable, "not now");
    return directory::SeenThing{
        .entity = fmt::format(R"({{"uid":{{"type":"User","id":"{}"}}}})", id), .why = {}};
  }
  Result<std::vector<directory::ToldAttribute>> told_attributes() override {
    return std::vector<directory::ToldAttribute>{{.type = "User",
                                                  .name = "onCall",
                                                  .source = "rota",
                                                  .fresh_ms = 15 * kMinute,
                                                  .silence = pdp::Silence::kLastKnown,
                                                  .last_known_ms = 120 * kMinute}};
  }
  Result<void> check_told(const Thing& /*thing*/, std::string_view source,
                          std::string_view attribute, const codec::Json& value) override {
    if (is_down) return fail(ErrorCode::kUnavailable, "not now");
    if (source != "rota") return fail(ErrorCode::kPermissionDenied, "another's");
    if (attribute == "ward" || attribute == "wards") return {};
    if (attribute != "onCall") return invalid("no such attribute");
    if (!value.is_bool() && !value.is_null()) return invalid("no truth value");
    return {};
  }

  bool is_down = false;
};

class ToldAttributesTest : public AdminForTest {
 protected:
  ToldAttributesTest() {
    const auto before = directory::migrations();
    std::vector<storage::Migration> all(before.begin(), before.end());
    all.push_back(directory::kToldTables);
    registry_.reset();
    outbox_.reset();
    store_.reset();
    store_ = open(all);
    surroundings_ = {
        .clock = [this] { return now_; }, .fill_random = &crypto::fill_random, .node = "node-1"};
    registry_ = std::make_unique<directory::Registry>(*store_, surroundings_);
    outbox_ = std::make_unique<directory::Outbox>(*store_, "node-1");
    desk_ = std::make_unique<directory::ToldDesk>(*store_, surroundings_);
    told_ = desk_.get();
    view_ = &rota_;
    swift_ = person("swift").id;
    mandate_.actor_id = service("rota");
  }

  std::string service(const std::string& source) {
    return create(directory::Kind::kService,
                  fmt::format(R"({{"clientId": "{0}", "displayName": "{0}", "purpose": "tells",
                                   "facts": [{{"name": "source", "text": "{0}"}}]}})",
                              source))
        .id;
  }
  Answer tell(const std::string& values, const std::string& source = "rota") {
    return ask("PUT", "attributes/" + source, R"({"values": )" + values + "}");
  }
  std::string on_call(const std::string& more = R"("value": true)") const {
    return fmt::format(R"([{{"thing": "{}", "attribute": "onCall", {}}}])", swift_, more);
  }
  std::string refusal(const std::string& values) {
    const Answer answer = tell(values);
    EXPECT_EQ(answer.status, 200);
    if (answer.status != 200 || answer.count("refused") != 1) return "not refused";
    return std::string(answer.body.at("refused").as_array().front().at("detail").as_string());
  }
  std::string kept() {
    std::string all;
    const auto told = desk_->told_of(mandate_.tenant, swift_);
    if (!told) return told.error().message;
    for (const auto& each : *told) all += each.value;
    return all;
  }

  directory::Surroundings surroundings_;
  std::unique_ptr<directory::ToldDesk> desk_;
  RotaView rota_;
  std::string swift_;
};
WARDLOCK_ON_EACH_DATABASE(ToldAttributesTest);

TEST_P(ToldAttributesTest, ASourceTells) {
  const Answer told = tell(on_call());
  EXPECT_EQ(told.status, 200) << told.at("detail");
  EXPECT_EQ(told.at("kept"), "1");
  EXPECT_EQ(told.header("Wardlock-Revision"), std::to_string(revision()));
  EXPECT_EQ(gate_.asked, std::vector<std::string>{"tell as rota"});
  EXPECT_EQ(kept(), "true");
  const Answer named = tell(
      R"([{"identifier": {"type": "userName", "value": "swift"}, "attribute": "onCall", "value": null}])");
  EXPECT_EQ(named.at("kept"), "1") << named.at("detail");
  EXPECT_EQ(kept(), "null");
}

TEST_P(ToldAttributesTest, ThingsAreNamedByWhatTheDirectoryKnowsThemBy) {
  const std::string house = create(directory::Kind::kOrganisation,
                                   R"({"code": "north", "displayName": "North",
                                       "organisationType": "hospital"})")
                                .id;
  const std::string ward =
      create(directory::Kind::kLocation,
             fmt::format(R"({{"code": "north", "displayName": "North", "locationType": "ward",
                              "organisation": "{}"}})",
                         house))
          .id;
  const auto told = [&](const std::string& type, const std::string& value) {
    return fmt::format(
        R"([{{"identifier": {{"type": "{}", "value": "SWIFT"}}, "attribute": "ward", {}}}])", type,
        value);
  };
  const std::string north = R"({"type": "location.code", "value": "north"})";
  EXPECT_EQ(tell(told("userName", "\"valueIdentifier\": " + north)).at("kept"), "1");
  EXPECT_EQ(kept(), "\"" + ward + "\"");
  EXPECT_EQ(tell(told("person.userName", "\"valueIdentifier\": [" + north + "]")).at("kept"), "1");
  EXPECT_EQ(kept(), "[\"" + ward + "\"]");
  EXPECT_EQ(refusal(told("userName", R"("valueIdentifier": {"type": "code", "value": "north"})")),
            "`north` names one organisation and one location: write `organisation.code` or "
            "`location.code`");
  EXPECT_EQ(refusal(told("recordNumber", "\"value\": null")),
            "nothing has the recordNumber `SWIFT`");
  EXPECT_EQ(refusal(told("userName", "\"value\": null, \"valueIdentifier\": " + north)),
            "`value` and `valueIdentifier` exclude each other");
  EXPECT_EQ(refusal(told("userName", R"("valueIdentifier": ["north"])")),
            "an `identifier` has a `type` and a `value`");
}

TEST_P(ToldAttributesTest, WhoIsNotTheSourceIsAskedAboutAsAnother) {
  tell(on_call(), "rtls");
  EXPECT_EQ(gate_.asked.back(), "tell as rtls who is another");
  mandate_.actor_id = swift_;  // who has no such fact
  tell(on_call());
  EXPECT_EQ(gate_.asked.back(), "tell as rota who is another");
  gate_.denies = {"tell as rota"};
  mandate_.actor_id = service("elsewhere");
  EXPECT_EQ(tell(on_call(R"("value": false)")).status, 403);
  EXPECT_NE(kept(), "false");
}

TEST_P(ToldAttributesTest, EachValueIsRefusedByItself) {
  const std::string mixed = fmt::format(
      R"([{{"thing": "{0}", "attribute": "onCall", "value": "yes"}},
          {{"thing": "{0}", "attribute": "onCall", "value": true}}, 7])",
      swift_);
  const Answer told = tell(mixed);
  EXPECT_EQ(told.status, 200);
  EXPECT_EQ(told.at("kept"), "1");
  ASSERT_EQ(told.count("refused"), 2U);
  EXPECT_EQ(told.body.at("refused").as_array()[1].at("index").to_number<int>(), 2);
  EXPECT_EQ(kept(), "true");
}

TEST_P(ToldAttributesTest, WhatIsWrongIsSaid) {
  EXPECT_TRUE(refusal(on_call(R"("value": 1)")).contains("no truth value"));
  EXPECT_TRUE(refusal(on_call(R"("other": 1, "value": true)")).contains("no member `other`"));
  EXPECT_TRUE(refusal(on_call(R"("observedAt": "now", "value": true)")).contains("observedAt"));
  EXPECT_TRUE(refusal(on_call(R"("reason": "x")")).contains("no member `reason`"));
  EXPECT_TRUE(refusal(R"([{"attribute": "onCall", "value": true}])").contains("name a `thing`"));
  EXPECT_TRUE(refusal(R"([{"thing": "x", "attribute": "onCall", "value": true}])") !=
              "not refused");
  EXPECT_TRUE(refusal(fmt::format(R"([{{"thing": "{}", "value": true}}])", swift_))
                  .contains("`attribute`"));
  EXPECT_TRUE(refusal(fmt::format(R"([{{"thing": "{}", "attribute": "onCall"}}])", swift_))
                  .contains("`value`"));
  EXPECT_TRUE(refusal(R"([{"identifier": "swift", "attribute": "onCall", "value": true}])")
                  .contains("`identifier`"));
  EXPECT_EQ(kept(), "");
}

TEST_P(ToldAttributesTest, WhatIsNoListOfValuesIsNotTaken) {
  for (const char* body : {"", "{}", R"({"values": []})", R"({"values": {}})", R"({"values": 1})",
                           R"({"values": [], "more": 1})", "[]", "{"}) {
    EXPECT_EQ(ask("PUT", "attributes/rota", body).status, 400) << body;
  }
  std::string many = "[";
  for (std::size_t i = 0; i <= directory::kMostToldAtOnce; ++i) many += i == 0 ? "1" : ",1";
  EXPECT_EQ(tell(many + "]").status, 400);
  EXPECT_TRUE(refusal(on_call(R"("observedAt": "2099-01-01T00:00:00Z", "value": true)"))
                  .contains("in the future"));
  EXPECT_EQ(kept(), "");
}

TEST_P(ToldAttributesTest, WhatWasObservedEarlierIsOutdated) {
  tell(on_call());
  const Answer late = tell(on_call(R"("observedAt": "2020-01-01T00:00:00Z", "value": false)"));
  EXPECT_EQ(late.at("kept"), "0");
  EXPECT_EQ(late.count("outdated"), 1U);
  EXPECT_EQ(late.header("Wardlock-Revision"), "");
  EXPECT_EQ(kept(), "true");
}

TEST_P(ToldAttributesTest, NothingIsTakenWhereItCannotBeChecked) {
  rota_.is_down = true;
  EXPECT_EQ(tell(on_call()).status, 503);
  view_ = nullptr;
  EXPECT_EQ(tell(on_call()).status, 503);
  EXPECT_EQ(kept(), "");
}

TEST_P(ToldAttributesTest, WhatWasToldIsShownWithItsStanding) {
  tell(on_call());
  const std::string path = "things/" + swift_ + "/attributes";
  const auto standing = [&] {
    const Answer shown = get(path);
    return shown.count() == 1
               ? std::string(shown.body.at("items").as_array()[0].at("standing").as_string())
               : "";
  };
  EXPECT_EQ(standing(), "fresh");
  now_ += 15 * kMinute;
  EXPECT_EQ(standing(), "last-known");
  now_ += 105 * kMinute;
  EXPECT_EQ(standing(), "forgotten");
  gate_.denies = {"readSensitive"};
  EXPECT_EQ(get(path).status, 403);
  gate_.denies = {"read "};
  EXPECT_EQ(get(path).status, 403);
  gate_.denies = {};
  mandate_.tenant = "st-luke";
  EXPECT_EQ(get(path).status, 404);
}

TEST_P(ToldAttributesTest, SourcesAreListed) {
  tell(on_call());
  const Answer listed = get("attributes");
  ASSERT_EQ(listed.count(), 1U);
  const auto& item = listed.body.at("items").as_array()[0].as_object();
  EXPECT_EQ(item.at("fresh").as_string(), "15m");
  EXPECT_EQ(item.at("stale").as_string(), "last-known");
  EXPECT_EQ(item.at("lastKnown").as_string(), "2h");
  EXPECT_EQ(item.at("toldFresh").to_number<int>(), 1);
  now_ += 15 * kMinute;
  EXPECT_EQ(get("attributes").body.at("items").as_array()[0].at("toldFresh").to_number<int>(), 0);
  gate_.denies = {"read all service"};
  EXPECT_EQ(get("attributes").status, 403);
}

}  // namespace
}  // namespace wardlock::admin
