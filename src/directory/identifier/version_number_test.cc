#include "directory/identifier/version_number.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace wardlock::directory {
namespace {

std::string order(std::string_view a, std::string_view b) {
  const auto order = compare_versions(a, b);
  if (!order) return "nobody can say";
  return *order < 0 ? "earlier" : *order > 0 ? "later" : "the same";
}

/// Each is earlier than the next.
void expect_ascending(const std::vector<std::string>& versions) {
  for (std::size_t i = 0; i < versions.size(); ++i) {
    for (std::size_t j = 0; j < versions.size(); ++j) {
      const std::string expected = i < j ? "earlier" : i > j ? "later" : "the same";
      EXPECT_EQ(order(versions[i], versions[j]), expected) << versions[i] << ' ' << versions[j];
    }
  }
}

TEST(VersionNumber, OrdersTheExamplesOfSemanticVersioning) {
  expect_ascending({"1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta",
                    "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0", "2.0.0", "2.1.0",
                    "2.1.1"});
}

TEST(VersionNumber, OrdersNumbersAsNumbers) {
  expect_ascending({"0.9", "1", "1.2", "1.10", "1.10.0.1", "v2", "10.0.1.331",
                    "99999999999999999999.1", "100000000000000000000"});
}

TEST(VersionNumber, WhatDiffersInWritingAloneIsTheSame) {
  EXPECT_EQ(order("v1.2", "1.2.0"), "the same");
  EXPECT_EQ(order("V1.02", "1.2"), "the same");
  EXPECT_EQ(order("1.2+build.5", "1.2+other"), "the same");
  EXPECT_EQ(order("1.2-rc.1+5", "1.2-rc.1"), "the same");
}

TEST(VersionNumber, WhatIsWrittenOtherwiseHasNoOrder) {
  for (const char* version : {"",      "v",        ".",        "1.",    ".1",
                              "1..2",  "1.x",      "R3",       "2023a", "1.2 build 7",
                              "1.0-",  "1.0-a..b", "1.0-rc_1", "1.0+",  "1.0+a..b",
                              "1.0+ü", "-1",       "1,2",      "vv1",   "1.2.3.4.5.6.7.8.9"}) {
    EXPECT_FALSE(is_ordered_version(version)) << version;
    EXPECT_EQ(order(version, "1.0"), "nobody can say") << version;
    EXPECT_EQ(order("1.0", version), "nobody can say") << version;
  }
}

}  // namespace
}  // namespace wardlock::directory
