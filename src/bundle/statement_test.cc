#include "bundle/statement.h"

#include <gtest/gtest.h>

#include <string>

#include "bundle/bundle_for_test.h"

namespace wardlock::bundle {
namespace {

constexpr std::string_view kZeros =
    "sha256:0000000000000000000000000000000000000000000000000000000000000000";

std::string small_text() { return statement_text(small_statement()); }

std::string fault_with(std::string_view text, std::string_view by) {
  std::string json = small_text();
  const std::size_t at = json.find(text);
  EXPECT_NE(at, std::string::npos) << text;
  json.replace(at, text.size(), by);
  const auto statement = parse_statement(json);
  return statement ? "" : statement.error().message;
}

TEST(Statement, HasOneForm) {
  EXPECT_EQ(
      small_text(),
      "{\"content\":\"" + std::string(kZeros) +
          R"(","content_bytes":0,"created":"2026-11-23T10:00:00Z","environment":"production",)"
          R"("expires":"2026-12-23T10:00:00Z","format":1,"serial":7,"tenant":"st-mary"})");
  EXPECT_EQ(parse_statement(small_text()), small_statement());
}

TEST(Statement, RefusesEveryOtherForm) {
  for (const auto& [text, by] :
       {std::pair("{\"content\"", "{ \"content\""),
        std::pair("\"tenant\":\"st-mary\"}", "\"tenant\":\"st-mary\"} "),
        std::pair("\"serial\":7", "\"serial\":7.0"),
        std::pair("\"serial\":7", "\"serial\":7e0"),
        std::pair("\"serial\":7", "\"serial\":07"),
        std::pair("\"serial\":7", "\"serial\":\"7\""),
        std::pair("st-mary", "st\\u002dmary"),
        std::pair("\"format\":1", "\"format\":1,\"note\":\"x\""),
        std::pair("\"format\":1,\"serial\":7", "\"serial\":7,\"format\":1"),
        std::pair("\"format\":1,", ""),
        std::pair("\"format\":1", "\"format\":1,\"format\":1"),
        std::pair(",\"tenant\":\"st-mary\"", ""),
        std::pair("sha256:0", "sha256:A"),
        std::pair("sha256:0", "sha256:"),
        std::pair("sha256:0", "sha512:0"),
        std::pair("T10:00:00Z\",\"env", "T10:00:00+00:00\",\"env"),
        std::pair("T10:00:00Z\",\"env", "T10:00:00.0Z\",\"env"),
        std::pair("T10:00:00Z\",\"env", "t10:00:00z\",\"env"),
        std::pair("T10:00:00Z\",\"env", "T24:00:00Z\",\"env"),
        std::pair("T10:00:00Z\",\"env", "T10:60:00Z\",\"env"),
        std::pair("T10:00:00Z\",\"env", "T10:00:60Z\",\"env"),
        std::pair("2026-11-23", "2026-02-30"),
        std::pair("2026-11-23", "1969-11-23"),
        std::pair("2026-11-23", "-026-11-23"),
        std::pair("\"content_bytes\":0", "\"content_bytes\":-1")}) {
    EXPECT_NE(fault_with(text, by), "") << by;
  }
  EXPECT_FALSE(parse_statement(""));
  EXPECT_FALSE(parse_statement("[]"));
  EXPECT_FALSE(parse_statement(small_text() + std::string(1'024, ' ')));
}

TEST(Statement, SaysThatItsFormatIsAnother) {
  EXPECT_EQ(fault_with("\"format\":1", "\"format\":2"),
            "the bundle has format 2; this program reads format 1");
}

TEST(Statement, RefusesWhatCannotBeSigned) {
  const auto fault = [](auto change) {
    Statement statement = small_statement();
    change(statement);
    const auto checked = check_statement(statement);
    return checked ? "" : checked.error().message;
  };
  EXPECT_EQ(fault([](Statement&) {}), "");
  for (const char* name : {"", "St-Mary", "-x", "x-", "a b", "a/b", "..", "\u00e4", "a\n"}) {
    EXPECT_NE(fault([&](Statement& s) { s.tenant = name; }), "") << name;
    EXPECT_NE(fault([&](Statement& s) { s.environment = name; }), "") << name;
  }
  EXPECT_NE(fault([](Statement& s) { s.tenant = std::string(65, 'a'); }), "");
  EXPECT_NE(fault([](Statement& s) { s.serial = 0; }), "");
  EXPECT_NE(fault([](Statement& s) { s.serial = kMaxSerial + 1; }), "");
  EXPECT_EQ(fault([](Statement& s) { s.serial = kMaxSerial; }), "");
  EXPECT_NE(fault([](Statement& s) { s.expires = s.created; }), "");
  EXPECT_NE(fault([](Statement& s) { s.expires = s.created - std::chrono::seconds(1); }), "");
  EXPECT_NE(
      fault([](Statement& s) { s.created = std::chrono::sys_seconds(std::chrono::seconds(-1)); }),
      "");
  EXPECT_NE(fault([](Statement& s) { s.expires += std::chrono::days(3'000'000); }), "");
}

}  // namespace
}  // namespace wardlock::bundle
