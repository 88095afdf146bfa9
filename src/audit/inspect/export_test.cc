#include "audit/inspect/export.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <sstream>

#include "audit/inspect/csv.h"
#include "audit/inspect/event_line.h"
#include "audit/inspect/inspected_log_for_test.h"
#include "audit/inspect/record_check.h"
#include "codec/json.h"

namespace wardlock::audit {
namespace {

class ExportTest : public testing::Test {
 protected:
  std::string text(const ExportOptions& options = {}) {
    EventReader events(files_, log_.folder(), log_.keys());
    std::string out;
    const auto written = export_events(events, options,
                                       [&out](std::string_view piece) -> Result<void> {
                                         out += piece;
                                         return {};
                                       },
                                       {});
    EXPECT_TRUE(written) << written.error().message;
    count_ = written.value_or(0);
    return out;
  }

  std::vector<codec::Json> documents(const ExportOptions& options = {}) {
    std::vector<codec::Json> all;
    std::istringstream lines(text(options));
    for (std::string line; std::getline(lines, line);) {
      all.push_back(codec::parse_json(line).value());
    }
    return all;
  }

  PosixFiles files_;
  InspectedLog log_;
  std::uint64_t count_ = 0;
};

std::string cell(std::string_view text) {
  std::string out;
  append_csv_text(text, out);
  return out;
}

TEST_F(ExportTest, EachEventIsALineWithItsNumber) {
  log_.append(300);
  const auto all = documents();
  ASSERT_EQ(all.size(), 300U);
  EXPECT_EQ(count_, 300U);
  for (std::size_t i = 0; i < all.size(); ++i) {
    EXPECT_EQ(all[i].at("record").as_int64(), static_cast<std::int64_t>(i));
    EXPECT_EQ(all[i].at("decision_id").as_string(), "decision-" + std::to_string(i));
    EXPECT_NE(all[i].as_object().if_contains("patient"), nullptr);
    EXPECT_EQ(all[i].as_object().if_contains("locked"), nullptr);
  }
}

TEST_F(ExportTest, WithoutKeysWhatIsSealedIsNamed) {
  log_.append(1);
  event::NoKeys no_keys;
  EventReader events(files_, log_.folder(), no_keys);
  std::string line;
  ASSERT_TRUE(append_ndjson(events.event(0).value(), 0, line));
  const codec::Json event = codec::parse_json(line).value();
  EXPECT_EQ(event.as_object().if_contains("patient"), nullptr);
  EXPECT_EQ(codec::to_json_text(event.at("locked")), R"(["person","patient"])");
  EXPECT_TRUE(event_line(events.event(0).value(), 0).contains("(locked)"));
}

TEST_F(ExportTest, ErasedIsSaid) {
  log_.append(1);
  const event::Event decision = event::decision_for_test();
  log_.keys().set(event::subject_of(decision, event::Part::kPatient),
                  event::KeyLookup::Answer::kErased);
  const auto all = documents();
  EXPECT_EQ(codec::to_json_text(all[0].at("erased")), R"(["patient"])");
}

TEST_F(ExportTest, FromIsInAndToIsOut) {
  log_.append(10);
  const auto all = documents();
  const std::int64_t third = all[2].at("time").as_int64();
  const std::int64_t fifth = all[4].at("time").as_int64();
  EXPECT_EQ(documents({.from = third, .to = fifth}).size(), 2U);
  EXPECT_EQ(documents({.from = third}).size(), 8U);
  EXPECT_EQ(documents({.to = third}).size(), 2U);
  EXPECT_EQ(documents({.from = fifth, .to = third}).size(), 0U);
}

TEST_F(ExportTest, MaskedHidesWhoAndWhose) {
  log_.append(1);
  const auto all = documents({.is_masked = true});
  EXPECT_EQ(all[0].at("patient").as_string(), "***");
  EXPECT_EQ(all[0].at("principal_id").as_string(), "***");
  EXPECT_EQ(all[0].at("decision_id").as_string(), "decision-0");
}

TEST_F(ExportTest, ATableHasAColumnForEachField) {
  log_.append(2);
  const std::string table = text(export_as_csv());
  EXPECT_TRUE(table.starts_with("record,action,affected_id,"));
  EXPECT_EQ(std::ranges::count(table, '\n'), 3);
  EXPECT_TRUE(table.contains("\r\n1,"));
  EXPECT_TRUE(table.contains("\"decision-1\""));
  EXPECT_TRUE(table.contains("2026-")) << "times are for people";
}

TEST(CsvTest, NoCellIsAFormula) {
  for (const std::string_view start : {"=", "+", "-", "@", "\t", "\r", "\n", "\uFF1D", "\uFF20"}) {
    const std::string text = std::string(start) + "cmd|'/c calc'!A1";
    EXPECT_TRUE(cell(text).starts_with("\"'")) << text;
  }
  EXPECT_EQ(cell("a=1"), "\"a=1\"");
  EXPECT_EQ(cell(""), "");
}

TEST(CsvTest, QuotesAreDoubled) {
  EXPECT_EQ(cell("say \"hi\", then\ngo"), "\"say \"\"hi\"\", then\ngo\"");
}

TEST(CsvTest, ListsAreJson) {
  event::Event event = event::full_event_for_test();
  constexpr std::string_view kPolicies[] = {"=one", "two\"\\"};
  event.policies = kPolicies;
  std::string row;
  append_csv(event, 7, row);
  EXPECT_TRUE(row.contains(R"("[""=one"",""two\""\\""]")")) << row;
  EXPECT_TRUE(row.starts_with("7,"));
}

TEST(EventLineTest, IsOneLine) {
  event::Event event = event::full_event_for_test();
  event.action = "view\nfault";
  const std::string line = event_line(event, 9);
  EXPECT_FALSE(line.contains('\n'));
  EXPECT_TRUE(line.contains("#9")) << line;
  EXPECT_TRUE(line.contains(event.decision_id)) << line;
}

TEST(EventLineTest, SaysWhyAndWhatWasFound) {
  event::Event event{.kind = event::Kind::kPolicyChange, .action = "check_draft"};
  event.reason = "the vendor\nasked";
  constexpr std::string_view kNotes[] = {"tests passed", "invariants failed: 1 fails"};
  event.notes = kNotes;
  const std::string line = event_line(event, 9);
  EXPECT_TRUE(line.ends_with(
      "success  found tests passed; invariants failed: 1 fails  because the vendor asked"))
      << line;
  event.kind = event::Kind::kDecision;
  EXPECT_FALSE(event_line(event, 9).contains("found")) << "of those, notes are many and small";
}

TEST(RecordTimeTest, IsThatOfTheKeyAndOfNoText) {
  EXPECT_EQ(time_in(R"({"a":"x","time":17,"trace_id":"t"})"), 17);
  EXPECT_EQ(time_in(R"({"time":-5})"), -5);
  EXPECT_EQ(time_in(R"({"time":17,"trace_id":"\"time\":99"})"), 17);
  EXPECT_EQ(time_in(R"({"a":"time"})"), std::nullopt);
  EXPECT_EQ(time_in(R"({"time":"17"})"), std::nullopt);
  EXPECT_EQ(time_in(R"({"time":17)"), std::nullopt);
}

TEST(RecordTimeTest, IsWrittenForPeople) {
  EXPECT_EQ(time_text(0), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(time_text(1'795'333'400'123), "2026-11-22T07:43:20.123Z");
  EXPECT_EQ(time_text(-1), "-1");
  EXPECT_EQ(time_text(INT64_MAX), std::to_string(INT64_MAX));
}

class EventReaderTest : public testing::Test {
 protected:
  PosixFiles files_;
  InspectedLog log_;
};

TEST_F(EventReaderTest, FindsADecisionByItsId) {
  log_.append(600);
  EventReader events(files_, log_.folder(), log_.keys());
  EXPECT_EQ(events.find_decision("decision-0", {}).value(), 0U);
  EXPECT_EQ(events.find_decision("decision-599", {}).value(), 599U);
  EXPECT_EQ(events.find_decision("decision-6000", {}).value(), std::nullopt);
  EXPECT_EQ(events.find_decision("decision", {}).value(), std::nullopt);
  EXPECT_EQ(events.find_decision("", {}).value(), std::nullopt);
  EXPECT_EQ(events.find_decision("x\",\"y", {}).value(), std::nullopt);
}

TEST_F(EventReaderTest, SeesWhatComesLater) {
  log_.append(3);
  EventReader events(files_, log_.folder(), log_.keys());
  EXPECT_EQ(events.event(2)->decision_id, "decision-2");
  EXPECT_EQ(events.event(3).error().code, ErrorCode::kNotFound);
  log_.append(2);
  EXPECT_EQ(events.end().value(), 5U);
  EXPECT_EQ(events.event(4)->decision_id, "decision-4");
}

TEST_F(EventReaderTest, BeginsWithTheOldestThatIsThere) {
  log_.append(500);
  const auto segments = log_.segments();
  ASSERT_GE(segments.size(), 2U);
  std::filesystem::remove(segments[0]);
  EventReader events(files_, log_.folder(), log_.keys());
  const std::uint64_t oldest = events.begin().value();
  EXPECT_GT(oldest, 0U);
  EXPECT_EQ(events.event(oldest)->decision_id, "decision-" + std::to_string(oldest));
  EXPECT_EQ(events.event(oldest - 1).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(events.find_decision("decision-0", {}).value(), std::nullopt);
}

TEST_F(EventReaderTest, AFolderWithoutALogIsNone) {
  EventReader events(files_, "/nowhere", log_.keys());
  EXPECT_EQ(events.end().error().code, ErrorCode::kNotFound);
}

}  // namespace
}  // namespace wardlock::audit
