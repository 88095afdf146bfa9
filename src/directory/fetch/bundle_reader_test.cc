#include "directory/fetch/bundle_reader.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "directory/model/moment.h"

namespace wardlock::directory {
namespace {

const std::int64_t kAsked = *parse_time("2026-11-24T12:00:00Z");

ElementPath path(std::string_view text) {
  auto path = ElementPath::parse(text);
  EXPECT_TRUE(path.has_value()) << text;
  return path.value_or(ElementPath());
}

codec::Json json(std::string_view text) {
  auto json = codec::parse_json(text);
  EXPECT_TRUE(json.has_value()) << text;
  return json.value_or(codec::Json());
}

codec::Json bundle(std::string_view resources, std::string_view links = "[]") {
  std::string entries;
  const codec::Json all = json(resources);
  for (const codec::Json& each : all.get_array()) {
    if (!entries.empty()) entries += ",";
    entries += R"({"resource":)" + codec::to_json_text(each) + "}";
  }
  return json(R"({"resourceType":"Bundle","type":"searchset","link":)" + std::string(links) +
              R"(,"entry":[)" + entries + "]}");
}

/// What the readings make of the resources, `[]` where it is nothing.
FetchedValues read(const std::vector<Reading>& readings, std::string_view resources) {
  BundleReader reader(readings, kAsked);
  EXPECT_TRUE(reader.add(bundle(resources)).has_value());
  return reader.take();
}

std::string text_of(const FetchedValues& fetched) {
  std::string text;
  for (const codec::Json& item : fetched.items) {
    const auto& members = item.get_object();
    const auto* const value = members.contains("value") ? members.if_contains("value")
                                                        : members.if_contains("valueIdentifier");
    text += std::string(members.at("identifier").at("value").get_string()) + "." +
            std::string(members.at("attribute").get_string()) + "=" + codec::to_json_text(*value) +
            " ";
  }
  return text;
}

Reading whereabouts() {
  return {.resource = "Encounter",
          .each = path("location"),
          .where = {{path("status"), "active"}},
          .period = path("period"),
          .thing = path("%resource.subject"),
          .identifier_type = "recordNumber",
          .type = "Patient",
          .attribute = "ward",
          .value = path("location"),
          .value_identifier_type = "code",
          .value_type = "Location"};
}

TEST(BundleReaderTest, ReadsWhereAPatientIs) {
  constexpr std::string_view kEncounter = R"([{"resourceType":"Encounter",
    "subject":{"reference":"Patient/MR-7"},
    "location":[
      {"location":{"reference":"Location/w1"},"status":"completed"},
      {"location":{"reference":"Location/w2"},"status":"active","period":{"start":"2026-11-24"}},
      {"location":{"reference":"Location/w3"},"status":"active","period":{"end":"2026-11-23"}},
      {"location":{"reference":"Location/w4"},"status":"active","period":{"start":"tomorrow"}}]},
    {"resourceType":"OperationOutcome","subject":{"reference":"Patient/MR-8"}}])";
  const FetchedValues fetched = read({whereabouts()}, kEncounter);
  EXPECT_EQ(text_of(fetched), R"(MR-7.ward={"type":"code","value":"w2"} )");
  ASSERT_EQ(fetched.items.size(), 1U);
  EXPECT_EQ(fetched.items[0].at("observedAt").get_string(), "2026-11-24T12:00:00.000Z");
  EXPECT_EQ(fetched.unread, 0U);
}

TEST(BundleReaderTest, TellsNothingOfWhatIsSaidInTwoWays) {
  constexpr std::string_view kTwice = R"([
    {"resourceType":"Encounter","subject":{"reference":"Patient/1"},
     "location":[{"location":{"reference":"Location/a"},"status":"active"},
                 {"location":{"reference":"Location/b"},"status":"active"}]},
    {"resourceType":"Encounter","subject":{"reference":"Patient/2"},
     "location":[{"location":{"reference":"Location/a"},"status":"active"},
                 {"location":{"reference":"Location/a"},"status":"active"}]}])";
  const FetchedValues fetched = read({whereabouts()}, kTwice);
  EXPECT_EQ(text_of(fetched), R"(2.ward={"type":"code","value":"a"} )");
  EXPECT_EQ(fetched.contradictions, 1U);

  Reading all = whereabouts();
  all.gathers = true;
  EXPECT_EQ(text_of(read({all}, kTwice)),
            R"(1.ward=[{"type":"code","value":"a"},{"type":"code","value":"b"}] )"
            R"(2.ward=[{"type":"code","value":"a"}] )");
}

TEST(BundleReaderTest, TheLaterObservationCounts) {
  const Reading temperature{.resource = "Observation",
                            .thing = path("device"),
                            .identifier_type = "serialNumber",
                            .type = "Device",
                            .attribute = "celsius",
                            .value = path("valueQuantity.value"),
                            .observed = path("effectiveDateTime")};
  const FetchedValues fetched = read({temperature}, R"([
    {"resourceType":"Observation","device":{"reference":"Device/d"},"valueQuantity":{"value":38},
     "effectiveDateTime":"2026-11-24T11:00:00Z"},
    {"resourceType":"Observation","device":{"reference":"Device/d"},"valueQuantity":{"value":37},
     "effectiveDateTime":"2026-11-24T10:00:00Z"},
    {"resourceType":"Observation","device":{"reference":"Device/e"},"valueQuantity":{"value":37}},
    {"resourceType":"Observation","device":{"reference":"Device/e"},"valueQuantity":{"value":37},
     "effectiveDateTime":"2026-11-25T10:00:00Z"}])");
  EXPECT_EQ(text_of(fetched), "d.celsius=38 ");
  EXPECT_EQ(fetched.items[0].at("observedAt").get_string(), "2026-11-24T11:00:00.000Z");
  EXPECT_EQ(fetched.unread, 2U) << "without its time, and of tomorrow";
}

TEST(BundleReaderTest, ReadsAConstantOfThoseWhoAreThere) {
  const Reading on_call{.resource = "PractitionerRole",
                        .where = {{path("active"), "true"}, {path("code"), "oncall"}},
                        .period = path("period"),
                        .thing = path("practitioner"),
                        .identifier_type = "userName",
                        .system = "urn:staff",
                        .attribute = "onCall",
                        .constant = true};
  const FetchedValues fetched = read({on_call}, R"([
    {"resourceType":"PractitionerRole","active":true,"code":[{"coding":[{"code":"oncall"}]}],
     "practitioner":{"identifier":{"system":"urn:staff","value":"swift"},"reference":"P/1"}},
    {"resourceType":"PractitionerRole","active":false,"code":[{"coding":[{"code":"oncall"}]}],
     "practitioner":{"identifier":{"system":"urn:staff","value":"lazy"}}},
    {"resourceType":"PractitionerRole","active":true,"code":[{"coding":[{"code":"clinic"}]}],
     "practitioner":{"identifier":{"system":"urn:staff","value":"lee"}}},
    {"resourceType":"PractitionerRole","active":true,"code":[{"coding":[{"code":"oncall"}]}],
     "practitioner":{"identifier":{"system":"urn:other","value":"grey"},"reference":"P/grey"}}])");
  EXPECT_EQ(text_of(fetched), "swift.onCall=true ");
  EXPECT_EQ(fetched.unread, 1U) << "who is known by another system";
}

TEST(BundleReaderTest, KnowsThingsByAllThatFhirNamesThemWith) {
  Reading reading{.resource = "X",
                  .thing = path("who"),
                  .identifier_type = "userName",
                  .type = "Practitioner",
                  .attribute = "a",
                  .constant = 1};
  const auto named = [&](std::string_view who) {
    const FetchedValues fetched =
        read({reading}, R"([{"resourceType":"X","who":)" + std::string(who) + "}]");
    return fetched.items.empty()
               ? std::string()
               : std::string(fetched.items[0].at("identifier").at("value").get_string());
  };
  EXPECT_EQ(named(R"("swift")"), "swift");
  EXPECT_EQ(named(R"({"reference":"Practitioner/7"})"), "7");
  EXPECT_EQ(named(R"({"reference":"Practitioner/7/_history/2"})"), "7");
  EXPECT_EQ(named(R"({"reference":"RelatedPerson/7"})"), "") << "somebody else";
  EXPECT_EQ(named(R"({"reference":"https://x.example/fhir/Practitioner/7"})"), "") << "elsewhere";
  EXPECT_EQ(named(R"({"reference":"Practitioner/7/8"})"), "");
  EXPECT_EQ(named(R"({"reference":"#contained"})"), "");
  EXPECT_EQ(named(R"({"reference":"urn:uuid:7"})"), "");
  EXPECT_EQ(named(R"({"reference":"7"})"), "");
  EXPECT_EQ(named(R"({"reference":7})"), "");
  EXPECT_EQ(named(R"([{"value":""},{"value":"b"}])"), "b");
  EXPECT_EQ(named(R"([{"value":"a"},{"value":"b"}])"), "") << "which of them?";
  EXPECT_EQ(named(R"({"coding":[{"system":"s","code":"c"}]})"), "c");
  EXPECT_EQ(named("null"), "");
  EXPECT_EQ(named("[[]]"), "");
  reading.system = "s";
  EXPECT_EQ(named(R"("swift")"), "");
  EXPECT_EQ(named(R"({"reference":"Practitioner/7"})"), "");
  EXPECT_EQ(named(R"({"coding":[{"system":"t","code":"b"},{"system":"s","code":"c"}]})"), "c");
}

TEST(BundleReaderTest, AllThatAPathLeadsToCounts) {
  Reading codes{.resource = "X",
                .thing = path("who"),
                .identifier_type = "userName",
                .attribute = "skills",
                .value = path("skill")};
  constexpr std::string_view kTwo = R"([{"resourceType":"X","who":"a","skill":["z","b","b"]}])";
  EXPECT_EQ(read({codes}, kTwo).contradictions, 1U);
  codes.gathers = true;
  EXPECT_EQ(text_of(read({codes}, kTwo)), R"(a.skills=["b","z"] )") << "in one order";
}

TEST(BundleReaderTest, EachReadingNamesValuesInItsOwnWay) {
  Reading wards{.resource = "X",
                .thing = path("who"),
                .identifier_type = "userName",
                .attribute = "places",
                .value = path("ward"),
                .value_identifier_type = "location.code",
                .gathers = true};
  Reading houses = wards;
  houses.value = path("house");
  houses.value_identifier_type = "organisation.code";
  constexpr std::string_view kBoth = R"([{"resourceType":"X","who":"a","ward":{"value":"n"},
                                          "house":{"value":"n"}}])";
  EXPECT_EQ(text_of(read({wards, houses}, kBoth)),
            R"(a.places=[{"type":"location.code","value":"n"},)"
            R"({"type":"organisation.code","value":"n"}] )");
}

TEST(BundleReaderTest, WhatASearchAddsIsNoMatch) {
  const std::vector<Reading> readings = {whereabouts()};
  for (const char* mode : {"include", "outcome"}) {
    BundleReader reader(readings, kAsked);
    EXPECT_EQ(reader.add(json(R"({"resourceType":"Bundle","type":"searchset","entry":[
      {"search":{"mode":")" + std::string(mode) +
                              R"("},"resource":{"resourceType":"Encounter",
        "subject":{"reference":"Patient/1"},
        "location":[{"status":"active","location":{"reference":"Location/a"}}]}}]})")),
              "");
    EXPECT_TRUE(reader.take().items.empty()) << mode;
  }
}

TEST(BundleReaderTest, TooMuchIsAnError) {
  const Reading each{.resource = "X",
                     .each = path("a"),
                     .thing = path("b"),
                     .identifier_type = "userName",
                     .attribute = "c",
                     .constant = 1};
  const std::vector<Reading> readings = {each};
  std::string list;
  for (int i = 0; i < 60'000; ++i) list += R"({"b":"x"},)";
  const codec::Json page = bundle(R"([{"resourceType":"X","a":[)" + list + R"({"b":"x"}]}])");
  BundleReader reader(readings, kAsked);
  EXPECT_TRUE(reader.add(page).has_value());
  const auto more = reader.add(page);
  ASSERT_FALSE(more.has_value());
  EXPECT_EQ(more.error().code, ErrorCode::kResourceExhausted);
}

TEST(BundleReaderTest, SaysWhereTheNextPageIs) {
  BundleReader reader({}, kAsked);
  EXPECT_EQ(reader.add(bundle("[]")), "");
  EXPECT_EQ(reader.add(bundle("[]", R"([{"relation":"self","url":"a"},
                                        {"relation":"next","url":"https://x.example/b"}])")),
            "https://x.example/b");
}

TEST(BundleReaderTest, WhatIsNoSearchSetIsAnError) {
  for (const char* text :
       {"null", "[]", "{}", R"({"resourceType":"Patient"})",
        R"({"resourceType":"Bundle","type":"transaction","entry":[]})", R"({"resourceType":1})"}) {
    BundleReader reader({}, kAsked);
    const auto added = reader.add(json(text));
    ASSERT_FALSE(added.has_value()) << text;
    EXPECT_EQ(added.error().code, ErrorCode::kInvalidArgument);
  }
  for (const char* text : {R"({"resourceType":"Bundle","type":"searchset","entry":{},"link":1})",
                           R"({"resourceType":"Bundle","type":"searchset","entry":[1,{},null]})"}) {
    const std::vector<Reading> readings = {whereabouts()};
    BundleReader reader(readings, kAsked);
    EXPECT_EQ(reader.add(json(text)), "");
    EXPECT_TRUE(reader.take().items.empty());
  }
}

TEST(ElementPathTest, TakesNamesAlone) {
  for (const char* text : {"", ".", "a.", ".a", "a..b", "%resourc", "%resource.", "a.b(1)", "a[0]",
                           "a.b.c.d.e.f.g.h.i", "%context.a", "a b", "1a"}) {
    EXPECT_FALSE(ElementPath::parse(text).has_value()) << text;
  }
  EXPECT_FALSE(path("%resource").empty());
  const codec::Json resource = json(R"({"a":[{"b":1},{"b":[2,3]},{"c":4}],"b":5})");
  const auto found = path("a.b").find(resource, resource);
  ASSERT_EQ(found.size(), 3U);
  EXPECT_EQ(*found[2], codec::Json(3));
  EXPECT_EQ(path("%resource.b").find(*found[0], resource).size(), 1U);
}

}  // namespace
}  // namespace wardlock::directory
