#include "directory/identifier/look_alike.h"

#include <gtest/gtest.h>

namespace wardlock::directory {
namespace {

TEST(LookAlike, WhatLooksAlikeHasOneSkeleton) {
  EXPECT_EQ(look_alike_skeleton("paypal"), look_alike_skeleton("\u0440\u0430\u0443\u0440\u0430l"));
  EXPECT_EQ(look_alike_skeleton("scope"), look_alike_skeleton("\u0455\u0441\u043E\u0440\u0435"));
  EXPECT_EQ(look_alike_skeleton("nurse1"), look_alike_skeleton("nursel"));
  EXPECT_EQ(look_alike_skeleton("barn"), look_alike_skeleton("bam"));
  EXPECT_EQ(look_alike_skeleton("\u00E9milie"), look_alike_skeleton("e\u0301milie"));
}

TEST(LookAlike, WhatDoesNotHasAnother) {
  EXPECT_NE(look_alike_skeleton("nurse-lee"), look_alike_skeleton("nurse-li"));
  EXPECT_NE(look_alike_skeleton("emilie"), look_alike_skeleton("\u00E9milie"));
  EXPECT_NE(look_alike_skeleton("a"), look_alike_skeleton("b"));
  EXPECT_EQ(look_alike_skeleton(""), "");
}

TEST(LookAlike, ScriptsThatNoLanguageUsesTogether) {
  EXPECT_FALSE(mixes_scripts("nurse-lee7"));
  EXPECT_FALSE(mixes_scripts("\u0430\u043D\u043D\u0430"));
  EXPECT_FALSE(mixes_scripts("\u7530\u4E2D\u3055\u3093abc"));
  EXPECT_TRUE(mixes_scripts("\u0430nna"));
  EXPECT_TRUE(mixes_scripts("\u03B1\u0430"));
  EXPECT_TRUE(mixes_scripts("a\u0561"));
}

}  // namespace
}  // namespace wardlock::directory
