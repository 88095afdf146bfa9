#include "base/secret.h"

#include <gtest/gtest.h>

#include <type_traits>
#include <utility>

namespace wardlock {
namespace {

template <typename T>
concept Printable = requires(std::ostream& out, const T& value) { out << value; };

static_assert(!Printable<Secret>);
static_assert(!std::is_convertible_v<Secret, std::string_view>);

TEST(Secret, ComparesWhatItHolds) {
  EXPECT_EQ(Secret("correct horse"), Secret("correct horse"));
  EXPECT_FALSE(Secret("correct horse") == Secret("correct horsf"));
  EXPECT_FALSE(Secret("correct horse") == Secret("correct hors"));
  EXPECT_EQ(Secret(), Secret(""));
}

TEST(Secret, IsCopiedAndMoved) {
  Secret first("battery");
  const Secret second = first;
  const Secret third = std::move(first);
  EXPECT_EQ(second.reveal(), "battery");
  EXPECT_EQ(third.reveal(), "battery");
  Secret fourth("staple");
  fourth = second;
  EXPECT_EQ(fourth, third);
}

TEST(Secret, AWipedTextIsZeroed) {
  std::string text = "hunter2";
  wipe(text);
  EXPECT_TRUE(text.empty());
  EXPECT_EQ(std::string_view(text.data(), 7), std::string_view("\0\0\0\0\0\0\0", 7));
}

}  // namespace
}  // namespace wardlock
