#include "audit/report/verify_report.h"

#include <gtest/gtest.h>

#include "audit/report/document.h"
#include "audit/report/page.h"
#include "audit/report/reported_log_for_test.h"
#include "audit/report/table.h"

namespace wardlock::audit {
namespace {

class VerifyReportTest : public testing::Test {
 protected:
  /// The document with one text replaced everywhere.
  static std::string with(std::string document, std::string_view old, std::string_view now) {
    EXPECT_TRUE(document.contains(old)) << old;
    for (std::size_t at = document.find(old); at != std::string::npos;
         at = document.find(old, at + now.size())) {
      document.replace(at, old.size(), now);
    }
    return document;
  }
  /// What it says of a document whose n-th event was changed.
  template <typename Change>
  std::string after(const std::string& document, std::size_t event, Change change) {
    codec::Json json = codec::parse_json(document).value();
    change(json.at("events").at(event).as_object());
    return log_.verify(codec::to_json_text(json));
  }

  ReportedLog log_;
};

TEST_F(VerifyReportTest, EachReportIsProvenInEachForm) {
  for (const SavedReport& report : all_reports()) {
    for (const bool is_masked : {false, true}) {
      Heading asked = log_.ask(report.name, report.names == Naming::kPatient ? "p-100" : "",
                               report.names == Naming::kDevice ? "pump-12" : "");
      asked.request.is_masked = is_masked;
      const std::string document = log_.document(asked);
      EXPECT_EQ(log_.verify(document), "proven") << report.name << document;
      EXPECT_EQ(log_.verify(log_.page(asked)), "proven") << report.name;
      EXPECT_EQ(log_.verify(log_.make(asked, write_table), document), "proven") << report.name;
    }
  }
}

TEST_F(VerifyReportTest, WrittenOtherwiseItIsTheSameDocument) {
  const std::string document = log_.document(log_.ask("overrides"));
  EXPECT_EQ(log_.verify(codec::to_pretty_json_text(codec::parse_json(document).value())), "proven");
}

TEST_F(VerifyReportTest, GivesAwayNoKeyOfASubject) {
  const std::string document = log_.document(log_.ask("patient", "p-100"));
  const Document read = read_document(document).value();
  ReportedLog other;
  for (const DocumentEvent& each : read.events) {
    for (const DocumentEvent& another : read.events) {
      Arena arena;
      EXPECT_EQ(event::open_record(another.leaf, each.keys, arena).has_value(),
                each.record == another.record);
    }
  }
}

TEST_F(VerifyReportTest, MaskedItGivesAwayNothingThatIsSealed) {
  Heading asked = log_.ask("patient", "p-100");
  asked.request.is_masked = true;
  const std::string document = log_.document(asked);
  for (const std::string_view secret : {"dr-grey", "p-100", "collapsed", "192.0.2", "lab-1"}) {
    EXPECT_FALSE(document.contains(secret)) << secret;
  }
  EXPECT_TRUE(document.contains(R"("keys":{})"));
  EXPECT_FALSE(document.contains(R"("keys":{")"));
}

TEST_F(VerifyReportTest, EveryShownFieldIsHeldAgainstTheRecord) {
  const std::string document = log_.document(log_.ask("patient", "p-100"));
  const auto shown = codec::parse_json(document)->at("events").at(0).at("event").as_object();
  ASSERT_GT(shown.size(), 10U);
  for (const auto& member : shown) {
    const std::string name(member.key());
    const std::string changed = after(document, 0, [&](boost::json::object& event) {
      event["event"].as_object()[name] = "other";
    });
    EXPECT_TRUE(changed.contains("record 3: what is shown as `" + name)) << changed;
    const std::string removed = after(
        document, 0, [&](boost::json::object& event) { event["event"].as_object().erase(name); });
    EXPECT_TRUE(removed.contains("record 3: what is shown as `" + name)) << removed;
  }
  const std::string added = after(document, 0, [](boost::json::object& event) {
    event["event"].as_object()["session"] = "s-1";
  });
  EXPECT_TRUE(added.contains("`session` is not what the record says")) << added;
}

TEST_F(VerifyReportTest, WhatIsClosedCannotBeInvented) {
  const std::string document = log_.document(log_.ask("device", "", "pump-12"));
  const auto without_key = [&](auto change) {
    return after(document, 0, [&](boost::json::object& event) {
      event["proof"].as_object()["keys"].as_object().erase("patient");
      change(event["event"].as_object());
    });
  };
  EXPECT_TRUE(without_key([](boost::json::object&) {}).contains("a part is neither shown nor"));
  const auto invented = without_key([](boost::json::object& event) {
    event["patient"] = "p-999";
    event["locked"] = boost::json::array{"patient"};
  });
  EXPECT_TRUE(invented.contains("is not what the record says")) << invented;
  const auto masked = without_key([](boost::json::object& event) {
    event["patient"] = event["resource_id"] = "***";
    event["locked"] = boost::json::array{"patient"};
  });
  EXPECT_TRUE(masked.contains("is not what the record says")) << masked;
  const auto repeated = without_key([](boost::json::object& event) {
    event["locked"] = boost::json::array{"person", "patient"};
  });
  EXPECT_TRUE(repeated.contains("the part `person` can be read")) << repeated;
}

TEST_F(VerifyReportTest, InAMaskedReportNothingIsInvented) {
  Heading asked = log_.ask("device", "", "pump-12");
  asked.request.is_masked = true;
  const std::string document = log_.document(asked);
  EXPECT_EQ(log_.verify(with(document, "\"principal_id\":\"***\"", "\"principal_id\":\"eve\"")),
            "record 3: what is shown as `principal_id` is not what the record says");
  EXPECT_EQ(log_.verify(with(document, "\"action\":\"view\"", "\"action\":\"***\"")),
            "record 3: what is shown as `action` is not what the record says");
}

TEST_F(VerifyReportTest, EventsAreThoseOfTheReport) {
  const std::string patient = log_.document(log_.ask("patient", "p-100"));
  EXPECT_TRUE(log_.verify(with(patient, "\"patient\":\"p-100\",\"masked\"",
                               "\"patient\":\"p-200\",\"masked\""))
                  .contains("is not of this report"));
  const std::string device = log_.document(log_.ask("device", "", "pump-12"));
  EXPECT_TRUE(log_.verify(with(device, "\"masked\"", "\"to\":1795330006000,\"masked\""))
                  .contains("record 6: it is not of this report"));
  EXPECT_TRUE(log_.verify(with(device, "\"masked\"", "\"from\":1795330004000,\"masked\""))
                  .contains("record 3: it is not of this report"));
}

TEST_F(VerifyReportTest, NoneIsTwiceOrTakenAwayUnnoticed) {
  const std::string document = log_.document(log_.ask("overrides"));
  codec::Json json = codec::parse_json(document).value();
  auto& events = json.at("events").as_array();
  events.push_back(events.back());
  EXPECT_EQ(log_.verify(codec::to_json_text(json)), "record 10 comes after record 10");
  events.pop_back();
  events.pop_back();
  EXPECT_EQ(log_.verify(codec::to_json_text(json)),
            "the events are not as many as the report says");
}

TEST_F(VerifyReportTest, AnotherPlaceOrRecordIsNotProven) {
  const std::string document = log_.document(log_.ask("overrides"));
  for (const std::string_view fault : {"inclusion", "leaf", "record"}) {
    const std::string said = after(document, 1, [&](boost::json::object& event) {
      boost::json::object& proof = event["proof"].as_object();
      if (fault == "inclusion") proof["inclusion"].as_array()[1] = std::string(43, 'A') + "=";
      if (fault == "leaf") proof["leaf"] = "AAAA";
      if (fault == "record") event["record"] = 6;
    });
    EXPECT_TRUE(said.starts_with("record ")) << said;
  }
}

TEST_F(VerifyReportTest, AnotherKeyOrCheckpointProvesNothing) {
  const std::string document = log_.document(log_.ask("users"));
  InspectedLog other;
  other.use_another_key();
  const auto result = verify_report(document, "", other.key());
  ASSERT_TRUE(result);
  EXPECT_FALSE(result->is_proven());
  EXPECT_TRUE(result->faults.front().starts_with("the checkpoint: "));
  EXPECT_TRUE(log_.verify(with(document, "\\n12\\n", "\\n13\\n")).starts_with("the checkpoint: "));
}

/// Whatever stands on the page, in its text or in its data, is looked at.
TEST_F(VerifyReportTest, OneChangedCharacterOfAPageIsFound) {
  const std::string page = log_.page(log_.ask("overrides"));
  const std::size_t data = page.find(kPageDataBegin);
  for (std::size_t at = 0; at < page.size(); at += at < data ? 13 : 61) {
    std::string changed = page;
    changed[at] = changed[at] == 'x' ? 'y' : 'x';
    EXPECT_NE(log_.verify(changed), "proven") << at << page.substr(at, 20);
  }
  EXPECT_NE(log_.verify(page + "\n<p>and more</p>"), "proven");
  EXPECT_NE(log_.verify(page.substr(0, page.size() - 2)), "proven");
}

TEST_F(VerifyReportTest, ATableIsThatOfItsDocument) {
  const Heading asked = log_.ask("users");
  const std::string document = log_.document(asked), table = log_.make(asked, write_table);
  EXPECT_TRUE(log_.verify(with(table, "n-jones", "n-james"), document).contains("was changed"));
  EXPECT_TRUE(log_.verify(table + "x", document).contains("was changed"));
  EXPECT_TRUE(log_.verify(table, log_.document(log_.ask("overrides"))).contains("was changed"));
  EXPECT_TRUE(log_.verify(table, "").starts_with("no report: "));
}

TEST_F(VerifyReportTest, WhatIsNoReportIsSaidToBeNone) {
  const std::string document = log_.document(log_.ask("users"));
  const auto cases = std::to_array<std::pair<std::string, std::string_view>>({
      {"", "JSON"},
      {"{}", "has no `wardlock_report`"},
      {with(document, "\"wardlock_report\":1", "\"wardlock_report\":2"), "of a version"},
      {with(document, "\"report\":\"users\"", "\"report\":\"usual\""), "program knows: `usual`"},
      {with(document, "\"title\":\"User", "\"title\":\"All"), "its title"},
      {with(document, "\"masked\":false", "\"masked\":0"), "`masked`"},
      {with(document, "\"masked\":false", "\"masked\":false,\"more\":1"), "of no meaning"},
      {with(document, "\"made_at\":", "\"made\":"), "has no `made_at`"},
      {with(document, "\"leaf\":\"", "\"leaf\":\"!"), "base64"},
      {with(document, "\"keys\":{", "\"keys\":{\"clear\":\"AA==\","), "of no meaning"},
      {with(document, "\"keys\":{", "\"keys\":{\"patient\":\"AA==\","), "another length"},
      {with(document, "\"inclusion\":[", "\"inclusion\":[1,"), "a hash"},
      {with(document, "\"record\":1", "\"record\":-1"), "a number"},
      {with(document, "\"events\":[", "\"events\":[7,"), "not an object"},
      {std::string(kPageBegin) + "<p>", "JSON"},
  });
  for (const auto& [text, why] : cases) {
    const std::string said = log_.verify(text);
    EXPECT_TRUE(said.starts_with("no report: ")) << said;
    EXPECT_TRUE(said.contains(why) || why == "JSON") << said << " not " << why;
  }
}

}  // namespace
}  // namespace wardlock::audit
