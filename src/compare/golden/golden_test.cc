#include <gtest/gtest.h>

#include "compare/decisions/two_sets_for_test.h"
#include "compare/golden/golden_file.h"

namespace wardlock::compare {
namespace {

constexpr char kLine[] =
    R"({"name":"a","at":5,"pep":"portal","question":{)"
    R"("subject":{"type":"User","id":"ada","properties":{"level":1}},)"
    R"("action":{"name":"view","properties":{"x":1}},"resource":{"type":"Chart","id":"c"},)"
    R"("context":{"purpose":"TREAT"},"options":{"authentication":{"level":2,"methods":["otp"]},)"
    R"("obligations":["mask"],"grant":"g","actor":{"type":"Agent","id":"a"}}},"answer":{"decision":false,"cause":"no_permit",)"
    R"("policies":["p"],"obligations":["mask"],"override_possible":true,)"
    R"("step_up":{"level":3,"methods":["hwk","pin"]}}})";

std::string refusal(std::string_view line) {
  const auto read = read_golden(line);
  return read ? "none" : read.error().message;
}

/// The line with one text in place of another.
std::string with(std::string_view from, std::string_view to) {
  std::string line = kLine;
  const std::size_t at = line.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return line.replace(at, from.size(), to);
}

TEST(GoldenRequest, IsReadAndWrittenAsItIs) {
  const auto read = read_golden(kLine);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(write_golden(*read), kLine);
  EXPECT_EQ(read->asked.at, 5);
  EXPECT_EQ(read->asked.grant, "g");
  ASSERT_TRUE(read->asked.actor);
  EXPECT_EQ(read->asked.actor->id, "a");
  EXPECT_EQ(read->answer->side.step_up, "3 hwk pin");
}

TEST(GoldenRequest, MayBeAQuestionAlone) {
  const auto read = read_golden(
      R"({"at":0,"question":{"subject":{"type":"U","id":"a"},"action":{"name":"v"},"resource":{"type":"C","id":"c"}}})");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_FALSE(read->answer);
}

TEST(GoldenRequest, WhatIsNoneIsRefusedByItsPlace) {
  EXPECT_EQ(refusal(kLine), "none");
  EXPECT_EQ(refusal("[]"), "it must be an object");
  EXPECT_TRUE(refusal("{").contains("line 1"));
  EXPECT_EQ(refusal(with("\"id\":\"ada\",", "")), "`question.subject.id` is missing");
  EXPECT_EQ(refusal(with("\"id\":\"ada\"", "\"id\":\"\"")), "`question.subject.id` is empty");
  EXPECT_EQ(refusal(with("\"id\":\"ada\"", "\"id\":7")), "`question.subject.id` must be a string");
  EXPECT_EQ(refusal(with("\"name\":\"view\"", "\"nome\":\"view\"")),
            "`question.action.name` is missing");
  EXPECT_EQ(refusal(with("\"at\":5", "\"at\":\"5\"")), "`at` must be a whole number");
  EXPECT_EQ(refusal(with("\"at\":5,", "")), "`at` is missing");
  EXPECT_EQ(refusal(with("\"grant\":\"g\"", "\"grants\":\"g\"")),
            "`question.options.grants` means nothing here");
  EXPECT_EQ(refusal(with("\"decision\":false,", "")), "`answer.decision` is missing");
  EXPECT_EQ(refusal(with("\"decision\":false", "\"decision\":\"no\"")),
            "`answer.decision` must be true or false");
  EXPECT_EQ(refusal(with("\"level\":2", "\"level\":9")),
            "`question.options.authentication.level` must be from 0 to 3");
  EXPECT_EQ(refusal(with("[\"hwk\",\"pin\"]", "[\"hwk pin\"]")),
            "`answer.step_up.methods` must be words, e.g. `otp` (RFC 8176)");
  EXPECT_EQ(refusal(with("[\"mask\"],\"grant\"", "\"mask\",\"grant\"")),
            "`question.options.obligations` must be a list of strings");
  EXPECT_EQ(refusal(with("{\"purpose\":\"TREAT\"}", "7")), "`question.context` must be an object");
  EXPECT_EQ(refusal(with("\"name\":\"a\"", "\"nome\":\"a\"")), "`nome` means nothing here");
}

TEST(GoldenFile, NamesTheLineThatIsWrong) {
  const std::string good = std::string(kLine) + "\r\n\n" + kLine;
  const auto two = read_golden_file(good);
  ASSERT_TRUE(two) << two.error().message;
  EXPECT_EQ(two->size(), 2U);
  const auto bad = read_golden_file(good + "\n{}\n");
  ASSERT_FALSE(bad);
  EXPECT_TRUE(bad.error().message.starts_with("line 4: ")) << bad.error().message;
}

GoldenAnswer reply(const char* json) {
  const auto read = read_reply(*codec::parse_json(json));
  EXPECT_TRUE(read) << read.error().message;
  return read.value_or(GoldenAnswer());
}

TEST(GoldenAnswer, OfAServerIsComparedAsFarAsBothAreKnown) {
  const GoldenAnswer golden = *read_golden(kLine)->answer;
  const auto differs = [&](const char* json) {
    const auto change = find_change(golden, reply(json));
    return change ? std::string(word_of(*change).name) : "";
  };
  EXPECT_EQ(differs(R"({"decision":false,"context":{"decision_id":"1","cause":"no_permit",
      "policies":["p"],"obligations":["mask"],"override_possible":true,"notes":["n"],
      "step_up":{"level":3,"methods":["pin","hwk"]}}})"),
            "");
  EXPECT_EQ(differs(R"({"decision":false,"context":{"obligations":["mask"]}})"), "");
  EXPECT_EQ(differs(R"({"decision":true})"), "gains");
  EXPECT_EQ(differs(R"({"decision":false,"context":{"error":{"status":400,"message":"x"}}})"),
            "cannot_be_asked");
  EXPECT_EQ(differs(R"({"decision":false,"context":{"cause":"forbid","policies":["p"],
      "obligations":["mask"],"override_possible":true,"step_up":{"level":3,"methods":["hwk","pin"]}}})"),
            "cause");
  EXPECT_EQ(differs(R"({"decision":false,"context":{"cause":"no_permit","obligations":["mask"]}})"),
            "remedy");
}

TEST(GoldenAnswer, TheTermsOfAnObligationCount) {
  GoldenAnswer golden = *read_golden(kLine)->answer;
  golden.side = {.is_allowed = true,
                 .cause = "permit",
                 .policies = {"p"},
                 .obligations = {"mask (fields: address, phone; within: 300 s)"}};
  const auto differs = [&](const char* json) {
    const auto change = find_change(golden, reply(json));
    return change ? std::string(word_of(*change).name) : "";
  };
  EXPECT_EQ(differs(R"({"decision":true,"context":{"cause":"permit","policies":["p"],
      "obligations":["mask"],"obligation_terms":
      {"mask":{"within":300,"fields":["phone","address"]}}}})"),
            "");
  EXPECT_EQ(differs(R"({"decision":true,"context":{"cause":"permit","policies":["p"],
      "obligations":["mask"],"obligation_terms":{"mask":{"within":300,"fields":["phone"]}}}})"),
            "obligations");
  EXPECT_EQ(differs(R"({"decision":true,"context":{"cause":"permit","policies":["p"],
      "obligations":["mask"]}})"),
            "obligations");
}

TEST(GoldenAnswer, WhatIsNoAnswerIsRefused) {
  for (const char* json : {"7", "{}", R"({"decision":"yes"})", R"({"decision":true,"context":7})",
                           R"({"decision":true,"context":{"obligations":"mask"}})"}) {
    EXPECT_FALSE(read_reply(*codec::parse_json(json))) << json;
  }
}

TEST(GoldenAnswer, AServerThatCouldNotDecideHasNotRefused) {
  const auto read = [](int status) {
    const auto json = codec::parse_json(R"({"decision":false,"context":{"error":{"status":)" +
                                        std::to_string(status) + R"(,"message":"no"}}})");
    return read_reply(*json);
  };
  EXPECT_EQ(read(400)->side.cause, "invalid_argument");
  EXPECT_EQ(read(403)->side.cause, "permission_denied");
  EXPECT_EQ(read(429).error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(read(503).error().code, ErrorCode::kUnavailable);
}

TEST(GoldenRecorder, KeepsEachQuestionOnceWithItsAnswer) {
  const auto set = ward_of("permit (principal in Role::\"Physician\", action, resource);");
  GoldenRecorder recorder(
      [&](const PosedQuestion& question) { return std::optional(answer_of(*set, question)); }, 2);
  pose({"ada"}, recorder);
  pose({"ada"}, recorder);
  pose({"cyd"}, recorder);
  pose({"eve"}, recorder);
  recorder.leave_out(LeftOut::kErased, "record 1");
  ASSERT_EQ(recorder.requests().size(), 2U);
  EXPECT_EQ(recorder.repeated(), 1U);
  EXPECT_EQ(recorder.beyond(), 1U);
  EXPECT_EQ(recorder.left_out(), 1U);
  EXPECT_TRUE(recorder.requests()[0].answer->side.is_allowed);
  EXPECT_FALSE(recorder.requests()[1].answer->side.is_allowed);

  // Asked again from the file, they are answered alike.
  std::string text;
  for (const GoldenRequest& request : recorder.requests()) text += write_golden(request) + "\n";
  const auto read = read_golden_file(text);
  ASSERT_TRUE(read) << read.error().message;
  DecisionDiff diff(*set, *set);
  ASSERT_TRUE(GoldenQuestions(*read).give(diff));
  const DecisionTable table = std::move(diff).finish();
  EXPECT_EQ(table.compared, 2U);
  EXPECT_EQ(table.asked.at(0).allowed_before + table.asked.at(1).allowed_before, 1U);
}

}  // namespace
}  // namespace wardlock::compare
