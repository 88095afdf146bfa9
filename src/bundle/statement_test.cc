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
  EXPECT_FALSE(parse_statement(small_text() + std::string(kMaxStatementBytes, ' ')));
}

TEST(Statement, SaysThatItsFormatIsAnother) {
  EXPECT_EQ(fault_with("\"format\":1", "\"format\":3"),
            "the bundle has format 3; this program reads the formats 1 and 2");
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

Statement canary_statement() {
  Statement statement = small_statement();
  statement.part = CanaryPart{.actions = {"stop"},
                              .beside = std::string(kZeros),
                              .callers = {"gate"},
                              .locations = {R"(Ward::"3")", R"(Ward::"4")"}};
  return statement;
}

std::string fault_of_part(void (*change)(CanaryPart&)) {
  Statement statement = canary_statement();
  change(*statement.part);
  const auto checked = check_statement(statement);
  return checked ? "" : checked.error().message;
}

TEST(Statement, SaysForWhichPartItCounts) {
  const std::string text = statement_text(canary_statement());
  EXPECT_NE(text.find(R"("format":2,"part":{"actions":["stop"],"beside":"sha256:0)"),
            std::string::npos)
      << text;
  EXPECT_NE(
      text.find(R"("callers":["gate"],"locations":["Ward::\"3\"","Ward::\"4\""]},"serial":7)"),
      std::string::npos)
      << text;
  EXPECT_EQ(parse_statement(text), canary_statement());
}

TEST(Statement, HasAPartInItsFormatAlone) {
  const std::string text = statement_text(canary_statement());
  const auto with = [&](std::string_view part, std::string_view by) {
    std::string changed = text;
    return parse_statement(changed.replace(changed.find(part), part.size(), by)).has_value();
  };
  EXPECT_TRUE(with("Ward::", "Home::"));
  EXPECT_FALSE(with("\"format\":2", "\"format\":1"));
  EXPECT_FALSE(with("[\"stop\"]", "\"stop\""));
  EXPECT_FALSE(with("[\"stop\"]", "[7]"));
  EXPECT_FALSE(with("\"actions\":[\"stop\"],", ""));
  EXPECT_FALSE(with("\"beside\"", "\"behind\""));
  EXPECT_FALSE(fault_with("\"format\":1", "\"format\":2").empty()) << "it has none";
}

TEST(Statement, RefusesPartsThatAreNone) {
  EXPECT_EQ(fault_of_part([](CanaryPart&) {}), "");
  EXPECT_EQ(fault_of_part([](CanaryPart& p) { p.callers.clear(); }), "");
  EXPECT_EQ(fault_of_part([](CanaryPart& p) { p.locations.clear(); }), "");
  EXPECT_NE(fault_of_part([](CanaryPart& p) { p.callers.clear(), p.locations.clear(); }), "");
  EXPECT_NE(fault_of_part([](CanaryPart& p) { p.beside = "sha256:00"; }), "");
  EXPECT_NE(fault_of_part([](CanaryPart& p) { p.locations = {"b", "a"}; }), "");
  EXPECT_NE(fault_of_part([](CanaryPart& p) { p.locations = {"a", "a"}; }), "");
  EXPECT_NE(fault_of_part([](CanaryPart& p) { p.callers = {""}; }), "");
  EXPECT_NE(fault_of_part([](CanaryPart& p) { p.actions = {"\n"}; }), "");
  EXPECT_NE(fault_of_part([](CanaryPart& p) { p.actions = {"\xFF"}; }), "");
  EXPECT_NE(fault_of_part([](CanaryPart& p) { p.actions = {std::string(513, 'a')}; }), "");
  EXPECT_NE(fault_of_part([](CanaryPart& p) {
              p.callers.clear();
              for (int i = 0; i < 33; ++i) p.callers.push_back(std::string(1 + i, 'a'));
            }),
            "");
  EXPECT_NE(fault_of_part([](CanaryPart& p) {
              p.callers.clear();
              for (int i = 0; i < 20; ++i) p.callers.push_back(std::string(400 + i, 'a'));
            }),
            "");
}

}  // namespace
}  // namespace wardlock::bundle
