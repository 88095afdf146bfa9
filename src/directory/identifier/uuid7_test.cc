#include "directory/identifier/uuid7.h"

#include <gtest/gtest.h>

#include <cstdint>

namespace wardlock::directory {
namespace {

TEST(Uuid7, TheExampleOfRfc9562) {
  // RFC 9562, A.6: 22 February 2022, 14:22:22 in New York
  const UuidEntropy entropy = {0x0C, 0xC3, 0x18, 0xC4, 0xDC, 0x0C, 0x0C, 0x07, 0x39, 0x8F};
  const std::string uuid = make_uuid7(1645557742000, entropy);
  EXPECT_EQ(uuid, "017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
  EXPECT_EQ(uuid7_time(uuid), 1645557742000);
}

TEST(Uuid7, EntropyDoesNotTouchVersionAndVariant) {
  UuidEntropy entropy;
  entropy.fill(0xFF);
  EXPECT_EQ(make_uuid7(0, entropy), "00000000-0000-7fff-bfff-ffffffffffff");
  entropy.fill(0);
  EXPECT_EQ(make_uuid7(INT64_MAX, entropy), "ffffffff-ffff-7000-8000-000000000000");
  EXPECT_EQ(make_uuid7(-1, entropy), "00000000-0000-7000-8000-000000000000");
}

TEST(Uuid7, LaterOnesSortLater) {
  UuidEntropy high;
  high.fill(0xFF);
  EXPECT_LT(make_uuid7(1645557742000, high), make_uuid7(1645557742001, {}));
  EXPECT_LT(make_uuid7(0xFFFF, high), make_uuid7(0x10000, {}));
}

TEST(Uuid7, OthersHaveNoTime) {
  EXPECT_FALSE(uuid7_time("017f22e2-79b0-4cc3-98c4-dc0c0c07398f"));
  EXPECT_FALSE(uuid7_time("017f22e2-79b0-7cc3-c8c4-dc0c0c07398f"));
  EXPECT_FALSE(uuid7_time("017F22E2-79B0-7CC3-98C4-DC0C0C07398F"));
  EXPECT_FALSE(uuid7_time("017f22e2-79b0-7cc3-98c4"));
  EXPECT_FALSE(uuid7_time(""));
}

}  // namespace
}  // namespace wardlock::directory
