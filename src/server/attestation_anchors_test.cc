#include "server/attestation_anchors.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace wardlock::server {
namespace {

class AttestationAnchorsTest : public testing::Test {
 protected:
  ~AttestationAnchorsTest() override { std::filesystem::remove(path_); }
  bool reads(const std::string& text) {
    std::ofstream(path_, std::ios::binary) << text;
    return read_anchors(path_).has_value();
  }

  const std::string path_ =
      (std::filesystem::temp_directory_path() / ("anchors-" + std::to_string(::getpid()))).string();
};

TEST_F(AttestationAnchorsTest, AreRefusedWhereAnyIsMalformed) {
  const std::string begin = "-----BEGIN CERTIFICATE-----\n", end = "-----END CERTIFICATE-----\n";
  EXPECT_FALSE(reads(""));
  EXPECT_FALSE(reads("no certificate at all"));
  EXPECT_FALSE(reads(begin + "AAAA\n"));
  EXPECT_FALSE(reads(begin + "AA!A\n" + end));
  EXPECT_FALSE(reads(begin + "AAAA\n" + end));
}

TEST_F(AttestationAnchorsTest, AreRefusedWhereTheFileIsNotThere) {
  EXPECT_FALSE(read_anchors("/nonexistent/anchors.pem"));
}

}  // namespace
}  // namespace wardlock::server
