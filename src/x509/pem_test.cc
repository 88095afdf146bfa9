#include "x509/pem.h"

#include <gtest/gtest.h>

namespace wardlock::x509 {
namespace {

constexpr char kTwo[] =
    "a remark\n-----BEGIN A-----\nQUJD\n-----END A-----\n-----BEGIN B-----\nREVG\n-----END B-----\n"
    "-----BEGIN A-----\nR0hJ\n-----END A-----\n";

TEST(Pem, HasItsBlocks) {
  EXPECT_EQ(*read_pem(kTwo, "A"), (std::vector<std::string>{"ABC", "GHI"}));
  EXPECT_EQ(*read_pem(kTwo, "B"), std::vector<std::string>{"DEF"});
  EXPECT_EQ(*read_pem("\x30\x03", "A"), std::vector<std::string>{"\x30\x03"});  // DER
}

TEST(Pem, WhatIsMalformedIsRefused) {
  EXPECT_FALSE(read_pem(kTwo, "C"));
  EXPECT_FALSE(read_pem("-----BEGIN A-----\nQUJD\n", "A"));
  EXPECT_FALSE(read_pem("-----BEGIN A-----\nQUJD\n-----END B-----\n", "A"));
  EXPECT_FALSE(read_pem("-----BEGIN A-----\nQU*D\n-----END A-----\n", "A"));
  EXPECT_FALSE(read_pem(std::string(kTwo) + "-----BEGIN A-----\nQU", "A"));
  EXPECT_FALSE(
      read_pem("-----BEGIN A-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\n"
               "QUJD\n-----END A-----\n",
               "A"));
}

}  // namespace
}  // namespace wardlock::x509
