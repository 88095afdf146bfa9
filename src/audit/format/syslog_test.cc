#include "audit/format/syslog.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "audit/format/format.h"
#include "base/version.h"
#include "event/event_for_test.h"

namespace wardlock::audit {
namespace {

using event::Event;

std::string message(const Event& event, const FormatOptions& options = {}) {
  std::string out;
  EXPECT_TRUE(append(Format::kSyslog, event, options, out));
  return out;
}

/// An event with nothing but what every event has.
Event bare(event::Kind kind = event::Kind::kLogin,
           event::Outcome outcome = event::Outcome::kSuccess) {
  return {.id = "1", .time = 1'795'330'000'123, .kind = kind, .outcome = outcome};
}

std::string priority(const Event& event, const FormatOptions& options = {}) {
  const std::string text = message(event, options);
  return text.substr(0, text.find('>') + 1);
}

TEST(SyslogTest, HasHeaderStructuredDataAndLine) {
  Event event = bare();
  event.node = "node-1";
  event.principal_type = "User";
  event.principal_id = "dr-grey";
  EXPECT_EQ(message(event),
            "<86>1 2026-11-22T06:46:40.123Z node-1 wardlock - login [origin software=\"wardlock\" "
            "swVersion=\"" +
                std::string(version()) +
                "\"][wardlock@32473 id=\"1\" kind=\"login\" node=\"node-1\" outcome=\"success\" "
                "principal_id=\"dr-grey\" principal_type=\"User\" time=\"1795330000123\"] "
                "\xEF\xBB\xBF"
                "2026-11-22T06:46:40.123Z  login  User::\"dr-grey\"  success");
}

TEST(SyslogTest, ListsAreParametersOfOneName) {
  Event event = bare();
  const std::string_view policies[] = {"one", "two"};
  event.policies = policies;
  event.allowed = false;
  EXPECT_TRUE(message(event).contains(" policies=\"one\" policies=\"two\" "));
  EXPECT_TRUE(message(event).contains(" allowed=\"false\" "));
}

TEST(SyslogTest, SeveritySaysHowItEnded) {
  using enum event::Kind;
  using enum event::Outcome;
  EXPECT_EQ(priority(bare(kDecision)), "<86>");
  EXPECT_EQ(priority(bare(kOverrideUse)), "<85>");
  EXPECT_EQ(priority(bare(kRoleChange)), "<85>");
  EXPECT_EQ(priority(bare(kDecision, kFailure)), "<84>");
  EXPECT_EQ(priority(bare(kOverrideUse, kFailure)), "<84>");
  EXPECT_EQ(priority(bare(kSpooled, kError)), "<83>");
  EXPECT_EQ(priority(bare(), {.syslog = {.facility = 0}}), "<6>");
  EXPECT_EQ(priority(bare(), {.syslog = {.facility = 23}}), "<190>");
}

TEST(SyslogTest, ValuesAreEscaped) {
  Event event = bare();
  event.principal_id = R"(a"b\c]d)";
  EXPECT_TRUE(message(event).contains(R"( principal_id="a\"b\\c\]d" )"));
}

TEST(SyslogTest, NothingBreaksTheLine) {
  Event event = bare();
  event.principal_id = "a\r\n<86>1 - forged - - - -\t\x1B[2J\x7F\xFF\u2028\u202E\u0085";
  const std::string text = message(event);
  EXPECT_TRUE(text.contains(
      R"( principal_id="a\\u{d}\\u{a}<86>1 - forged - - - -\\u{9}\\u{1b}[2J\\u{7f}\\u{fffd})"
      R"(\\u{2028}\\u{202e}\\u{85}" )"))
      << text;
  EXPECT_TRUE(std::ranges::none_of(text, [](char c) { return c >= 0 && c < ' '; }));
}

TEST(SyslogTest, TheHostIsOfPrintableAscii) {
  Event event = bare();
  event.node = "ward 7\n\u00E4";
  EXPECT_TRUE(message(event).contains("Z ward_7___ wardlock ")) << message(event);
  const std::string name(300, 'n');
  event.node = name;
  EXPECT_TRUE(message(event).contains("Z " + std::string(255, 'n') + " wardlock "));
  event.node = {};
  EXPECT_TRUE(message(event).contains("Z - wardlock "));
}

TEST(SyslogTest, TimesAreThoseThatAReaderKnows) {
  Event event = bare();
  event.time = -1;
  EXPECT_TRUE(message(event).starts_with("<86>1 1970-01-01T00:00:00.000Z "));
  event.time = INT64_MAX;
  EXPECT_TRUE(message(event).starts_with("<86>1 9999-12-31T23:59:59.999Z "));
}

TEST(SyslogTest, ABodyWithFieldsNeedsThemOnce) {
  Event event = bare();
  event.principal_id = "dr-grey";
  const std::string text = message(event, {.syslog_body = Format::kNdjson});
  EXPECT_TRUE(
      text.contains("[wardlock@32473 id=\"1\" kind=\"login\" outcome=\"success\"] {\"id\":"))
      << text;
  EXPECT_EQ(text.find("dr-grey"), text.rfind("dr-grey"));
}

TEST(SyslogTest, OptionsAreChecked) {
  const auto error = [](const FormatOptions& options) {
    const auto checked = check_format_options(options);
    return checked ? "" : checked.error().message;
  };
  EXPECT_EQ(error({}), "");
  EXPECT_EQ(error({.syslog = {.structured_data = "st-mary@32473.1"}}), "");
  EXPECT_EQ(error({.syslog = {.facility = 24}}),
            "`24` is no facility of syslog: give one from 0 to 23");
  for (const char* name :
       {"", "@1", "wardlock", "wardlock@", "wardlock@x", "ward lock@1", "a=@1", "a]@1", "a\"@1",
        "\u00E4@1", "a\n@1", "0123456789-0123456789-01234@32473"}) {
    EXPECT_TRUE(
        error({.syslog = {.structured_data = name}}).contains("is no name of structured data"))
        << name;
  }
  EXPECT_TRUE(error({.syslog_body = Format::kSyslog}).contains("cannot hold a syslog message"));
}

}  // namespace
}  // namespace wardlock::audit
