#include "base/xml_text.h"

#include <gtest/gtest.h>

namespace wardlock {
namespace {

TEST(XmlText, IsTheTextWhereNothingSpeaksAgainstIt) {
  EXPECT_EQ(xml_text("a patient’s chart"), "a patient’s chart");
}

TEST(XmlText, CannotEndWhatItStandsIn) {
  EXPECT_EQ(xml_text("<a b=\"c\">&"), "&lt;a b=&quot;c&quot;&gt;&amp;");
}

TEST(XmlText, KeepsBlanksInAttributes) { EXPECT_EQ(xml_text("a\nb\tc"), "a&#10;b&#9;c"); }

TEST(XmlText, ShowsWhatXmlCannotHold) {
  EXPECT_EQ(xml_text("\x01"), "\\u{1}");
  EXPECT_EQ(xml_text("a\uFFFEb\uFFFF"), "a\\u{fffe}b\\u{ffff}");
}

}  // namespace
}  // namespace wardlock
