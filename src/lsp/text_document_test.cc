#include "lsp/text_document.h"

#include <gtest/gtest.h>

namespace wardlock::lsp {
namespace {

constexpr auto kUtf8 = PositionEncoding::kUtf8;
constexpr auto kUtf16 = PositionEncoding::kUtf16;

TEST(TextDocument, utf16_counts_a_character_beyond_the_basic_plane_twice) {
  const TextDocument document("a\u00e9\u20ac\U0001f600b");  // 1, 2, 3 and 4 bytes, then one
  EXPECT_EQ(document.place_at(10, kUtf16), (Place{0, 5}));
  EXPECT_EQ(document.place_at(10, kUtf8), (Place{0, 10}));
  EXPECT_EQ(document.offset_at({0, 5}, kUtf16), 10U);
  EXPECT_EQ(document.offset_at({0, 3}, kUtf16), 6U);
}

TEST(TextDocument, a_place_within_a_character_is_its_beginning) {
  const TextDocument document("a\U0001f600b");
  EXPECT_EQ(document.offset_at({0, 2}, kUtf16), 1U);
  EXPECT_EQ(document.offset_at({0, 3}, kUtf8), 1U);
}

TEST(TextDocument, lines_end_with_lf_crlf_or_cr) {
  const TextDocument document("a\nb\r\nc\rd");
  EXPECT_EQ(document.place_at(2, kUtf16), (Place{1, 0}));
  EXPECT_EQ(document.place_at(5, kUtf16), (Place{2, 0}));
  EXPECT_EQ(document.place_at(7, kUtf16), (Place{3, 0}));
}

TEST(TextDocument, places_outside_are_moved_to_the_nearest_inside) {
  const TextDocument document("ab\r\ncd\n");
  EXPECT_EQ(document.offset_at({0, 99}, kUtf16), 2U);
  EXPECT_EQ(document.offset_at({1, 99}, kUtf16), 6U);
  EXPECT_EQ(document.offset_at({2, 1}, kUtf16), 7U);
  EXPECT_EQ(document.offset_at({4'000'000'000U, 0}, kUtf16), 7U);
  EXPECT_EQ(document.place_at(4'000'000'000U, kUtf16), (Place{2, 0}));
}

TEST(TextDocument, offset_and_place_agree_at_every_character) {
  const std::string text = "permit\r\n\u00e9\u20ac\U0001f600\nx\n\n";
  const TextDocument document(text);
  for (std::uint32_t offset = 0; offset <= text.size(); ++offset) {
    const bool is_inside =
        offset < text.size() && (static_cast<unsigned char>(text[offset]) & 0xC0) == 0x80;
    const bool is_within_crlf = offset == 7;
    if (is_inside || is_within_crlf) continue;
    for (const auto encoding : {kUtf8, kUtf16}) {
      EXPECT_EQ(document.offset_at(document.place_at(offset, encoding), encoding), offset);
    }
  }
}

TEST(TextDocument, stray_bytes_count_one_each) {
  const TextDocument document("\x80\xf0x\xff");
  EXPECT_EQ(document.place_at(4, kUtf16), (Place{0, 4}));
  EXPECT_EQ(document.offset_at({0, 3}, kUtf16), 3U);
}

TEST(TextDocument, an_edit_moves_the_lines_behind_it) {
  TextDocument document("a\nb\nc");
  document.replace({1, 2}, "\r\n\r\n");
  EXPECT_EQ(document.text(), "a\r\n\r\nb\nc");
  EXPECT_EQ(document.place_at(5, kUtf16), (Place{2, 0}));
}

}  // namespace
}  // namespace wardlock::lsp
