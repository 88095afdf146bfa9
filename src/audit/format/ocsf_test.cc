#include "audit/format/ocsf.h"

#include <gtest/gtest.h>

#include "audit/format/samples_for_test.h"
#include "codec/json.h"
#include "event/canonical_json.h"
#include "event/event_for_test.h"

namespace wardlock::audit {
namespace {

using codec::Json;
using event::Event;
using event::Kind;

Json document(const Event& event) {
  std::string out;
  EXPECT_TRUE(append_ocsf(event, out));
  return codec::parse_json(out).value();
}

std::int64_t number(const Json& json, std::string_view name) {
  return json.at({name.data(), name.size()}).as_int64();
}

Json sample(std::string_view name) {
  for (const Sample& each : sample_events()) {
    if (each.name == name) return document(each.event);
  }
  ADD_FAILURE() << name;
  return {};
}

TEST(OcsfTest, EachKindHasItsClass) {
  const std::pair<std::string_view, std::int64_t> expected[] = {
      {"decision_create", 600301},
      {"decision_read", 600302},
      {"decision_update", 600303},
      {"decision_delete", 600304},
      {"decision", 600303},
      {"search", 600302},
      {"refusal", 600399},
      {"log_read", 600302},
      {"login", 300201},
      {"login_failed", 300201},
      {"logout", 300202},
      {"override_start", 300301},
      {"override_use", 600302},
      {"override_end", 300502},
      {"override_change", 300403},
      {"role_given", 300501},
      {"role_taken", 300502},
      {"user_added", 300101},
      {"user_removed", 300106},
      {"user_changed", 300199},
      {"credential_change", 300199},
      {"policy_change", 300403},
      {"configuration_change", 300403},
      {"legal_hold", 300403},
      {"erasure", 300404},
      {"review", 300499},
      {"service_start", 600203},
      {"service_stop", 600204},
      {"spooled", 600299},
  };
  for (const auto& [name, type] : expected) {
    EXPECT_EQ(number(sample(name), "type_uid"), type) << name;
  }
}

TEST(OcsfTest, IdsAreConsistent) {
  for (const Sample& each : sample_events()) {
    const Json json = document(each.event);
    EXPECT_EQ(number(json, "category_uid"), number(json, "class_uid") / 1000) << each.name;
    EXPECT_EQ(number(json, "type_uid"),
              (number(json, "class_uid") * 100) + number(json, "activity_id"))
        << each.name;
    const bool is_named = json.as_object().contains("activity_name");
    EXPECT_EQ(is_named, number(json, "activity_id") == 99) << each.name;
  }
}

TEST(OcsfTest, HowItEnded) {
  EXPECT_EQ(number(sample("decision"), "status_id"), 1);
  EXPECT_EQ(number(sample("decision"), "severity_id"), 1);
  EXPECT_EQ(number(sample("override_use"), "severity_id"), 2);
  EXPECT_EQ(number(sample("decision_denied"), "status_id"), 2);
  EXPECT_EQ(number(sample("decision_denied"), "severity_id"), 3);
  EXPECT_EQ(sample("decision_denied").at("status_code").as_string(), "no_permit");
  EXPECT_EQ(number(sample("spooled"), "status_id"), 2);
  EXPECT_EQ(number(sample("spooled"), "severity_id"), 4);
}

TEST(OcsfTest, ReceiversDropDuplicatesByTheEventsId) {
  const Json metadata = sample("decision").at("metadata");
  EXPECT_EQ(metadata.at("uid").as_string(), event::decision_for_test().id);
  EXPECT_EQ(metadata.at("version").as_string(), kOcsfVersion);
  EXPECT_EQ(metadata.at("product").at("vendor_name").as_string(), "Wardlock");
}

TEST(OcsfTest, WhoAndWhatIsThere) {
  const Json json = sample("decision_denied");
  EXPECT_EQ(json.at("actor").at("user").at("uid").as_string(), "dr-grey");
  EXPECT_EQ(json.at("actor").at("app_uid").as_string(), "infusion-gateway");
  EXPECT_EQ(json.at("actor").at("authorizations").at(0).at("decision").as_string(), "denied");
  EXPECT_EQ(json.at("api").at("operation").as_string(), "view");
  EXPECT_EQ(json.at("src_endpoint").at("ip").as_string(), "192.0.2.77");
  EXPECT_EQ(codec::to_json_text(json.at("resources")),
            R"([{"type":"LabReport","uid":"report-7"},{"type":"patient","uid":"p-100"}])");
  EXPECT_EQ(json.at("observables").as_array().size(), 4U);
}

TEST(OcsfTest, WhatCannotBeReadIsSaid) {
  EXPECT_EQ(sample("erased").at("actor").at("user").at("name").as_string(), "(erased)");
  EXPECT_EQ(sample("locked").at("actor").at("user").at("name").as_string(), "(locked)");
  EXPECT_EQ(sample("locked").at("src_endpoint").at("name").as_string(), "(locked)");
  EXPECT_EQ(sample("masked").at("src_endpoint").at("name").as_string(), "192.0.2.0/24");
  EXPECT_EQ(sample("refusal").at("src_endpoint").at("ip").as_string(), "2001:db8::17");
}

TEST(OcsfTest, TheEventIsThereAsItIs) {
  for (const Sample& each : sample_events()) {
    std::string own;
    ASSERT_TRUE(event::write_event(each.event, own));
    EXPECT_EQ(document(each.event).at("unmapped"), codec::parse_json(own).value()) << each.name;
  }
}

TEST(OcsfTest, ANumberThatJsonDoesNotCarryIsAnError) {
  Event event = event::decision_for_test();
  event.revision = INT64_MAX;
  std::string out;
  EXPECT_EQ(append_ocsf(event, out).error().code, ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace wardlock::audit
