#include "cedar/entities/chunks.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <vector>

namespace wardlock::cedar {
namespace {

struct Piece {
  std::byte* memory;
  std::size_t bytes;
};

/// Writes all of each piece, and looks whether it is still there when all are written.
void expect_apart(const std::vector<Piece>& pieces) {
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    std::memset(pieces[i].memory, static_cast<int>(i % 251), pieces[i].bytes);
  }
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    for (std::size_t at = 0; at < pieces[i].bytes; ++at) {
      ASSERT_EQ(pieces[i].memory[at], static_cast<std::byte>(i % 251)) << i;
    }
  }
}

bool is_aligned(const std::byte* memory, std::size_t alignment) {
  return reinterpret_cast<std::uintptr_t>(memory) % alignment == 0;
}

TEST(Chunks, PiecesLieApartAndStay) {
  Chunks chunks;
  std::vector<Piece> pieces;
  for (std::size_t i = 0; i < 3'000; ++i) {
    const std::size_t bytes = i * 37 % 300 + 1, alignment = i % 3 == 0 ? 64 : 8;
    pieces.push_back({chunks.allocate(bytes, alignment), bytes});
    ASSERT_TRUE(is_aligned(pieces.back().memory, alignment));
  }
  expect_apart(pieces);
}

TEST(Chunks, APieceMayBeLargerThanAllBefore) {
  Chunks chunks;
  std::vector<Piece> pieces;
  for (const std::size_t bytes : {1U, 5'000U, 3U, 5U << 20, 9U, 40U << 20, 64U}) {
    pieces.push_back({chunks.allocate(bytes, 64), bytes});
    ASSERT_TRUE(is_aligned(pieces.back().memory, 64));
  }
  expect_apart(pieces);
}

TEST(Chunks, WhatWasGivenOutOutlivesCompletion) {
  for (const std::size_t count : {1U, 100U, 50'000U}) {
    Chunks chunks;
    std::vector<Piece> pieces;
    for (std::size_t i = 0; i < count; ++i) pieces.push_back({chunks.allocate(120), 120});
    chunks.complete();
    chunks.complete();
    for (std::size_t i = 0; i < 1'000; ++i) pieces.push_back({chunks.allocate(72, 64), 72});
    expect_apart(pieces);
  }
}

TEST(Chunks, CountsWhatWasGivenOut) {
  Chunks chunks;
  EXPECT_EQ(chunks.used(), 0U);
  chunks.allocate(1);
  EXPECT_EQ(chunks.used(), 8U);
  chunks.allocate(16);
  EXPECT_EQ(chunks.used(), 24U);
}

}  // namespace
}  // namespace wardlock::cedar
