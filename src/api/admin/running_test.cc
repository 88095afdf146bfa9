#include "api/admin/running.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <set>

#include "api/admin/admin_for_test.h"

namespace wardlock::admin {
namespace {

using directory::Edit;
using directory::Kind;
using directory::Relation;
using directory::Thing;

class RunningTest : public AdminForTest {
 protected:
  Thing module(const std::string& name) {
    return create(Kind::kModule,
                  fmt::format(R"({{"displayName":"{}","manufacturer":"{}"}})", name, maker_.id));
  }
  Thing version(const Thing& module, const std::string& number) {
    return create(Kind::kModuleVersion,
                  fmt::format(R"({{"module":"{}","version":"{}"}})", module.id, number));
  }
  Thing device_with(const std::string& serial, const std::vector<Thing>& versions) {
    const Thing made = device(model_, serial);
    for (const Thing& each : versions) {
      relate({.relation = Relation::kRuns, .subject = made.id, .object = each.id});
    }
    return made;
  }
  void set_state(const Thing& device, std::string_view state) {
    write([&](Edit& edit) -> Result<void> {
      TRY_VOID(edit.set_state(device.id, std::nullopt, state));
      return {};
    });
  }

  /// `serial version`, in the order of the answer, page by page.
  std::vector<std::string> running(const Thing& module, const std::string& query,
                                   std::size_t count = 100) {
    std::vector<std::string> found;
    std::string cursor;
    do {
      const Answer page = get(fmt::format("modules/{}/devices?count={}&{}{}{}", module.id, count,
                                          query, cursor.empty() ? "" : "&cursor=", cursor));
      EXPECT_EQ(page.status, 200) << codec::to_json_text(page.body);
      EXPECT_LE(page.count(), count);
      for (std::size_t i = 0; i < page.count(); ++i) {
        found.push_back(page.at(fmt::format("items.{}.device.attributes.serialNumber", i)) + " " +
                        page.at(fmt::format("items.{}.version", i)));
      }
      cursor = page.at("next");
    } while (!cursor.empty());
    return found;
  }

  Thing maker_ = organisation("meridian");
  Thing model_ = device_model(maker_);
};
WARDLOCK_ON_EACH_DATABASE(RunningTest);

using List = std::vector<std::string>;

TEST_P(RunningTest, FindsDevicesByVersionAndBelowOne) {
  const Thing dose = module("Dose control");
  const Thing other = module("Display");
  const Thing old = version(dose, "1.9.0");
  const Thing two = version(dose, "2.1.0");
  const Thing ten = version(dose, "2.10.0");
  const Thing odd = version(dose, "R3");
  device_with("SN-1", {old});
  device_with("SN-2", {two, version(other, "1.0")});
  device_with("SN-3", {ten});
  device_with("SN-4", {odd});
  device_with("SN-5", {old, two});
  EXPECT_EQ(running(dose, "version=2.1.0"), (List{"SN-2 2.1.0", "SN-5 2.1.0"}));
  EXPECT_EQ(running(dose, "below=2.1.0"), (List{"SN-1 1.9.0", "SN-5 1.9.0"}));
  EXPECT_EQ(running(dose, "below=2.10.0"),
            (List{"SN-1 1.9.0", "SN-5 1.9.0", "SN-2 2.1.0", "SN-5 2.1.0"}));
  EXPECT_EQ(running(dose, "below=2.10").size(), 4U);
  EXPECT_EQ(running(dose, "below=2.10.0", 1), running(dose, "below=2.10.0"));
  EXPECT_EQ(running(dose, "", 2).size(), 6U);
  EXPECT_EQ(running(dose, "below=0.1"), List());
  const Answer below = get("modules/" + dose.id + "/devices?below=2.1.0");
  EXPECT_EQ(below.at("notCompared.0"), "R3") << "nobody misses that it was left out";
  EXPECT_EQ(below.count("notCompared"), 1U);
  EXPECT_EQ(below.at("items.0.versionId"), old.id);
  EXPECT_EQ(get("modules/" + dose.id + "/devices?version=R3").count("notCompared"), 0U);
}

TEST_P(RunningTest, CountsTheDevicesOfEachVersion) {
  const Thing dose = module("Dose control");
  const Thing one = version(dose, "1.0");
  const Thing two = version(dose, "2.0");
  const Thing none = version(dose, "3.0");
  const Thing a = device_with("A", {one});
  const Thing b = device_with("B", {one, two});
  for (const Thing& each : {a, b}) set_state(each, "commissioned");
  set_state(b, "inService");
  const Answer counted = get("modules/" + dose.id + "/versions");
  ASSERT_EQ(counted.count(), 3U) << codec::to_json_text(counted.body);
  EXPECT_EQ(counted.at("items.0.version"), "1.0");
  EXPECT_EQ(counted.at("items.0.devices"), "2");
  EXPECT_EQ(counted.at("items.0.inService"), "1");
  EXPECT_EQ(counted.at("items.1.inService"), "1");
  EXPECT_EQ(counted.at("items.2.id"), none.id);
  EXPECT_EQ(counted.at("items.2.devices"), "0");
  EXPECT_EQ(running(dose, "state=inService"), (List{"B 1.0", "B 2.0"}));
  const Answer page = get("modules/" + dose.id + "/versions?count=2");
  EXPECT_EQ(page.count(), 2U);
  EXPECT_EQ(get("modules/" + dose.id + "/versions?count=2&cursor=" + page.at("next"))
                .at("items.0.version"),
            "3.0");
}

TEST_P(RunningTest, WhatADeviceRanBeforeIsNotWhatItRuns) {
  const Thing dose = module("Dose control");
  const Thing one = version(dose, "1.0");
  const Thing made = device(model_, "A");
  const auto runs = relate({.relation = Relation::kRuns, .subject = made.id, .object = one.id});
  now_ += 1000;
  write([&](Edit& edit) { return edit.end(runs.id); });
  const Thing gone = device_with("B", {one});
  set_state(gone, "retired");
  EXPECT_EQ(running(dose, ""), List());
  EXPECT_EQ(get("modules/" + dose.id + "/versions").at("items.0.devices"), "0");
}

TEST_P(RunningTest, WhatIsWrongIsRefused) {
  const Thing dose = module("Dose control");
  version(dose, "2.1.0");
  const std::string path = "modules/" + dose.id + "/devices?";
  EXPECT_EQ(get(path + "version=2.1.1").status, 404) << "a slip is not an empty answer";
  EXPECT_TRUE(get(path + "version=2.1.1").at("detail").contains("did you mean `2.1.0`?"));
  EXPECT_EQ(get(path + "below=R3").status, 400);
  EXPECT_EQ(get(path + "below=1&version=2.1.0").status, 400);
  EXPECT_EQ(get(path + "state=broken").status, 400);
  const std::string told = get(path + "state=broken").at("detail");
  for (const directory::State& state : directory::schema_of(Kind::kDevice).states) {
    EXPECT_TRUE(told.contains(fmt::format("`{}`", state.name))) << told;
  }
  EXPECT_EQ(get(path + "cursor=x").status, 400);
  EXPECT_EQ(get(path + "count=1001").status, 400);
  EXPECT_EQ(get(path + "count=0").status, 400);
  EXPECT_EQ(get(path + "verson=1").status, 400);
  EXPECT_EQ(get("devices/" + device(model_, "A").id + "/devices").status, 404);
  EXPECT_EQ(get("modules/" + model_.id + "/devices").status, 404) << "another kind's id";
}

TEST_P(RunningTest, OnlyWhoMayReadAllOfItIsTold) {
  const Thing dose = module("Dose control");
  for (const char* what : {"devices", "versions"}) {
    for (const char* denied : {"read module", "read all moduleVersion", "read all device"}) {
      gate_.denies = {denied};
      EXPECT_EQ(get(fmt::format("modules/{}/{}", dose.id, what)).status, 403) << denied;
    }
  }
}

TEST_P(RunningTest, AnotherTenantsIsNotThere) {
  const Thing dose = module("Dose control");
  device_with("A", {version(dose, "1.0")});
  mandate_.tenant = "st-luke";
  EXPECT_EQ(get("modules/" + dose.id + "/devices").status, 404);
  EXPECT_EQ(get("modules/" + dose.id + "/versions").status, 404);
}

}  // namespace
}  // namespace wardlock::admin
