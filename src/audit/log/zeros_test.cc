#include "audit/log/zeros.h"

#include <gtest/gtest.h>

#include <string>

namespace wardlock::audit {
namespace {

TEST(ZerosTest, FindsTheFirstByteThatIsNone) {
  for (const std::size_t size : {1U, 2U, 31U, 4095U, 4096U, 4097U, 9000U}) {
    std::string bytes(size, '\0');
    EXPECT_TRUE(is_zeros(bytes)) << size;
    for (std::size_t at = 0; at < size; at += at < 70 ? 1 : 997) {
      bytes[at] = '\x80';
      EXPECT_EQ(find_non_zero(bytes), at) << size;
      bytes.back() = '\1';
      EXPECT_EQ(find_non_zero(bytes), at) << size;
      bytes.back() = bytes[at] = '\0';
    }
  }
}

TEST(ZerosTest, NothingHasNone) { EXPECT_TRUE(is_zeros("")); }

}  // namespace
}  // namespace wardlock::audit
