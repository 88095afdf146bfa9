#include <fmt/format.h>
#include <gtest/gtest.h>

#include "api/admin/admin_for_test.h"

namespace wardlock::admin {
namespace {

class InventoryTest : public AdminForTest {
 protected:
  std::string effects(const Answer& answer) {
    std::string out;
    if (!answer.body.as_object().contains("outcomes")) return codec::to_json_text(answer.body);
    for (const auto& one : answer.body.at("outcomes").as_array()) {
      out += fmt::format("{}{}", out.empty() ? "" : " ",
                         std::string_view(one.at("effect").as_string()));
      if (const auto* faults = one.as_object().if_contains("faults")) {
        out += ": " + codec::to_json_text(*faults);
      }
    }
    return out;
  }
};
WARDLOCK_ON_EACH_DATABASE(InventoryTest);

constexpr std::string_view kPumps = R"({"reason":"new pumps","entries":[
  {"kind":"organisation","attributes":{"code":"meridian","displayName":"Meridian","organisationType":"manufacturer"}},
  {"kind":"deviceModel","attributes":{"manufacturer":"meridian","modelNumber":"MX-4","displayName":"MX-4","deviceIdentifier":"09506000134352"}},
  {"kind":"module","attributes":{"manufacturer":"meridian","displayName":"Dose"}},
  {"kind":"moduleVersion","attributes":{"module":"meridian/Dose","version":"2.1"}},
  {"kind":"device","attributes":{"model":"meridian/MX-4","serialNumber":"SN-1","assetTag":"A-17"}},
  {"relation":"runs","subject":"device:A-17","object":"moduleVersion:meridian/Dose/2.1"}]})";

TEST_P(InventoryTest, PartsAreImportedOnceHoweverOftenTheyCome) {
  const Answer tried = post("import?dryRun=true", kPumps);
  EXPECT_EQ(tried.status, 200) << codec::to_json_text(tried.body);
  EXPECT_EQ(effects(tried), "created created created created created created");
  EXPECT_EQ(tried.header("Wardlock-Revision"), "");
  EXPECT_EQ(revision(), 0U);
  const Answer done = post("import", kPumps);
  EXPECT_EQ(effects(done), effects(tried));
  EXPECT_EQ(done.header("Wardlock-Revision"), "1");
  EXPECT_NE(last_event().find("new pumps"), std::string::npos);
  const Answer again = post("import", kPumps);
  EXPECT_EQ(effects(again), "same same same same same same");
  EXPECT_EQ(again.header("Wardlock-Revision"), "");
}

TEST_P(InventoryTest, AWholePartFitsIntoARequest) {
  std::string entries;
  const std::string name(200, 'n');
  for (int i = 0; i < 500; ++i) {
    entries += fmt::format(R"({}{{"kind":"role","attributes":{{"displayName":"{}{}"}}}})",
                           i == 0 ? "" : ",", name, i);
  }
  const std::string body = fmt::format(R"({{"entries":[{}]}})", entries);
  ASSERT_GT(body.size(), 100'000U);
  EXPECT_EQ(post("import?dryRun=true", body).status, 200);
  EXPECT_EQ(post("import", std::string(1 << 20, ' ') + body).status, 413);
  EXPECT_EQ(post("roles", std::string(1 << 16, ' ') + "{}").status, 413) << "all else stays small";
}

TEST_P(InventoryTest, APageOfNothingIsRefused) {
  for (const char* what : {"kind=roleAssignment", "kind=device", "since=0"}) {
    EXPECT_EQ(get(fmt::format("export?count=0&{}", what)).status, 400) << what;
    EXPECT_EQ(get(fmt::format("export?count=1&{}", what)).status, 200) << what;
  }
  EXPECT_EQ(post("import", "").status, 400);
  EXPECT_EQ(post("import", "{}").status, 400) << "what is missing is not nothing to do";
  const std::string why(5000, 'w');
  EXPECT_EQ(post("registrations", fmt::format(R"({{"devices":[],"reason":"{}"}})", why)).status,
            400);
}

TEST_P(InventoryTest, WhatIsOnlyNewTakesTheRightToReadWhereItIsThere) {
  constexpr std::string_view kMaker = R"({"entries":[{"kind":"organisation","onlyNew":true,
    "attributes":{"code":"meridian","displayName":"Other","organisationType":"other"}}]})";
  ASSERT_EQ(post("import", kPumps).status, 200);
  gate_.denies = {"import", "change", "create"};
  EXPECT_EQ(effects(post("import", kMaker)), "same");
  gate_.denies = {"read"};
  EXPECT_EQ(post("import", kMaker).status, 403);
  mandate_.tenant = "st-luke";
  gate_.denies = {"create"};
  EXPECT_EQ(post("import", kMaker).status, 403) << "to enter it takes more";
}

TEST_P(InventoryTest, TheGateIsAsked) {
  gate_.denies = {"import all device"};
  EXPECT_EQ(post("import", kPumps).status, 403);
  gate_.denies = {"create all module"};
  EXPECT_EQ(post("import", kPumps).status, 403);
  gate_.denies = {"relate runs"};
  EXPECT_EQ(post("import", kPumps).status, 403);
  EXPECT_EQ(revision(), 0U) << "a refusal undoes all";
  gate_.denies = {"export all device"};
  EXPECT_EQ(get("export?kind=device").status, 403);
  EXPECT_EQ(get("export?kind=runs").status, 403);
  EXPECT_EQ(get("export?since=0").status, 403);
  EXPECT_EQ(get("export?kind=module").status, 200);
  gate_.denies = {"readSensitive"};
  EXPECT_EQ(get("export?kind=patient&sensitive=true").status, 403);
  gate_.denies = {"create all device"};
  EXPECT_EQ(post("registrations", R"({"devices":[]})").status, 403);
}

TEST_P(InventoryTest, WhatIsExportedIsImportedElsewhere) {
  post("import", kPumps);
  boost::json::array entries;
  for (const std::string_view kind :
       {"organisation", "deviceModel", "module", "moduleVersion", "device", "runs"}) {
    const Answer page = get(fmt::format("export?kind={}", kind));
    EXPECT_EQ(page.status, 200);
    EXPECT_EQ(page.header("Wardlock-Revision"), "1");
    for (const auto& item : page.body.at("items").as_array()) entries.push_back(item);
  }
  EXPECT_EQ(entries.size(), 6U);
  const std::string body = codec::to_json_text(boost::json::object{{"entries", entries}});
  EXPECT_EQ(effects(post("import", body)), "same same same same same same");
  mandate_.tenant = "riverside";
  EXPECT_EQ(effects(post("import", body)), "created created created created created created");
}

TEST_P(InventoryTest, PagesGoOnAndChangesAreTold) {
  post("import", kPumps);
  const Answer first = get("export?kind=moduleVersion&count=1");
  EXPECT_EQ(first.at("next"), "");
  EXPECT_EQ(get("export?kind=device&relations=true").body.at("items").at(0).at("relations"),
            directory::json(R"({"runs":["moduleVersion:meridian/Dose/2.1"]})"));
  post("import",
       R"({"entries":[{"kind":"device","attributes":{"assetTag":"A-17","displayName":"P"}},
    {"relation":"runs","subject":"device:A-17","object":"moduleVersion:meridian/Dose/2.1","until":"2020-01-01T00:00:00Z"}]})");
  const Answer since = get("export?since=1");
  EXPECT_EQ(since.at("revision"), "2");
  EXPECT_EQ(since.count("things"), 1U);
  ASSERT_EQ(since.count("relations"), 1U);
  EXPECT_TRUE(since.body.at("relations").at(0).as_object().contains("until"));
  EXPECT_EQ(get("export?since=2").count("things"), 0U);
  EXPECT_EQ(get("export?since=3").status, 410) << "it was never there";
  ASSERT_TRUE(registry_->forget_changes(1));
  EXPECT_EQ(get("export?since=0").status, 410);
}

/// As a device engineer, who sees no patients and no people.
TEST_P(InventoryTest, RelationsAreExportedToWhoMayReadBothEnds) {
  post("import", kPumps);
  const auto pump = registry_->find_by_identifier("st-mary", "device.assetTag", "A-17");
  ASSERT_TRUE(pump);
  relate({.relation = directory::Relation::kDeviceAssignment,
          .subject = pump->id,
          .object = patient("MRN-7").id});
  const auto relations = [&] {
    return get("export?kind=device&relations=true").body.at("items").at(0).at("relations");
  };
  const auto all = directory::json(R"({"deviceAssignment":["patient:MRN-7"],)"
                                   R"("runs":["moduleVersion:meridian/Dose/2.1"]})");
  EXPECT_EQ(relations(), all);
  gate_.denies = {"read all patient"};
  EXPECT_EQ(relations(), directory::json(R"({"runs":["moduleVersion:meridian/Dose/2.1"]})"));
  gate_.denies = {"export all location"};
  EXPECT_EQ(get("export?kind=roleAssignment").status, 403) << "it says where an assignment counts";
}

TEST_P(InventoryTest, RefusesWhatIsNoPart) {
  EXPECT_EQ(post("import", R"({"entries":7})").status, 400);
  EXPECT_EQ(post("import", R"({"entry":[]})").status, 400);
  EXPECT_EQ(post("import", R"({"before":[{}],"entries":[]})").status, 400);
  EXPECT_EQ(effects(post("import", R"({"entries":[{"kind":"devise"},7]})")).substr(0, 20),
            "refused: [{\"path\":\"k");
  EXPECT_EQ(get("export").status, 400);
  EXPECT_EQ(get("export?kind=devices").status, 400);
  EXPECT_EQ(get("export?kind=device&count=501").status, 400);
  EXPECT_EQ(get("export?kind=device&cursor=x").status, 400);
  EXPECT_EQ(post("registrations", R"({"devices":7})").status, 400);
}

TEST_P(InventoryTest, DevicesAreRegisteredOnce) {
  post("import", kPumps);
  const std::string_view body = R"({"devices":[
    {"uuid":"0199b2e0-0000-7000-8000-000000000001","model":"meridian/MX-4","serialNumber":"L-1","runs":["meridian/Dose/2.1"]},
    {"uuid":"0199b2e0-0000-7000-8000-000000000002","udi":"(01)09506000134352(21)L-2"},
    {"uuid":"0199b2e0-0000-7000-8000-000000000003","model":"meridian/MX-9","serialNumber":"L-3"},
    {"model":"meridian/MX-4","serialNumber":"L-4"},
    7]})";
  const Answer done = post("registrations", body);
  EXPECT_EQ(done.status, 200);
  EXPECT_TRUE(effects(done).starts_with("created created refused: ")) << effects(done);
  EXPECT_NE(effects(done).find("a device is registered by the identity in its firmware"),
            std::string::npos);
  const auto device =
      registry_->find_by_identifier("st-mary", "uuid", "0199b2e0-0000-7000-8000-000000000002");
  ASSERT_TRUE(device);
  EXPECT_EQ(device->state, "manufactured");
  EXPECT_EQ(device->document.json().at("serialNumber"), "L-2");
  const std::uint64_t before = revision();
  EXPECT_TRUE(effects(post("registrations", body)).starts_with("same same refused"));
  EXPECT_EQ(revision(), before);
}

TEST_P(InventoryTest, WhatIsRegisteredStays) {
  post("import", kPumps);
  const auto registered = [&](std::string_view more) {
    return effects(post("registrations",
                        fmt::format(R"({{"devices":[{{"uuid":"0199b2e0-0000-7000-8000-000000000001",
                        "model":"meridian/MX-4","serialNumber":"L-1"{}}}]}})",
                                    more)));
  };
  EXPECT_EQ(registered(""), "created");
  EXPECT_TRUE(registered(R"(,"displayName":"mine")").starts_with("refused: "));
  EXPECT_TRUE(registered(R"(,"serialNumbr":"L-2")").starts_with("refused: "));
  EXPECT_EQ(registered(R"(,"runs":["meridian/Dose/2.1"])"), "changed");
  EXPECT_TRUE(registered(R"(,"runs":["meridian/Dose/9"])").starts_with("refused: "));
  EXPECT_TRUE(registered(R"(,"runs":"x")").starts_with("refused: "));
  EXPECT_EQ(registered(""), "same");
}

}  // namespace
}  // namespace wardlock::admin
