#include "audit/format/reference.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

namespace wardlock::audit {
namespace {

TEST(ReferenceTest, IsInTheDocument) {
  std::ifstream file(WARDLOCK_SOURCE_DIR "/docs/formats/messages.md");
  std::stringstream text;
  text << file.rdbuf();
  EXPECT_NE(text.str().find(message_reference()), std::string::npos) << "run `./dev docs`";
}

}  // namespace
}  // namespace wardlock::audit
