#include "storage/rows.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace wardlock::storage {
namespace {

Rows two_rows() {
  constexpr std::array<std::uint8_t, 3> kBytes = {0, 255, 7};
  Rows rows(3);
  rows.add_integer(-5);
  rows.add_text("Änne");
  rows.add_bytes(kBytes);
  rows.add_null();
  rows.add_text("");
  rows.add_null();
  return rows;
}

TEST(Rows, AreReadByTheirTypes) {
  const Rows rows = two_rows();
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].integer(0), -5);
  EXPECT_EQ(rows[0].text(1), "Änne");
  ASSERT_EQ(rows[0].bytes(2).size(), 3U);
  EXPECT_EQ(rows[0].bytes(2)[1], 255);
  EXPECT_FALSE(rows[0].is_null(0));
}

TEST(Rows, NullIsNotTheSameAsNothing) {
  const Rows rows = two_rows();
  EXPECT_TRUE(rows[1].is_null(0));
  EXPECT_EQ(rows[1].integer(0), 0);
  EXPECT_FALSE(rows[1].is_null(1));
  EXPECT_EQ(rows[1].text(1), "");
  EXPECT_TRUE(rows[1].is_null(2));
  EXPECT_TRUE(rows[1].bytes(2).empty());
}

TEST(Rows, ComeInOrder) {
  Rows rows(1);
  for (int i = 0; i < 1000; ++i) rows.add_text(std::to_string(i));
  int next = 0;
  for (const Row row : rows) EXPECT_EQ(row.text(0), std::to_string(next++));
  EXPECT_EQ(next, 1000);
}

TEST(Rows, CanBeMovedAndCleared) {
  Rows first = two_rows();
  Rows rows = std::move(first);
  EXPECT_EQ(rows.front().text(1), "Änne");
  rows.clear();
  EXPECT_TRUE(rows.empty());
  EXPECT_EQ(rows.size(), 0U);
}

TEST(RowsDeathTest, AMistakeOfOursAborts) {
  const Rows rows = two_rows();
  EXPECT_DEATH((void)rows[2], "index < size");
  EXPECT_DEATH((void)rows[0].integer(3), "column < columns_");
  EXPECT_DEATH((void)rows[0].integer(1), "kInteger");
  EXPECT_DEATH((void)rows[0].text(0), "kText");
  EXPECT_DEATH((void)rows[0].bytes(1), "kBytes");
}

}  // namespace
}  // namespace wardlock::storage
