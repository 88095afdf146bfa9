#include "server/log.h"

#include <gtest/gtest.h>

#include "codec/json.h"

namespace wardlock::server {
namespace {

using config::LogFormat;
using config::LogLevel;

constexpr std::int64_t kNow = 1'700'000'000'007;

std::string line(LogFormat format, const std::vector<LogField>& fields) {
  return format_line(format, kNow, LogLevel::kWarning, "event", fields);
}

TEST(Log, WritesJson) {
  EXPECT_EQ(line(LogFormat::kJson, {{"a", "b"}, {"n", std::int64_t{-7}}, {"f", true}, {"d", 0.5}}),
            R"({"time":"2023-11-14T22:13:20.007Z","level":"warning","event":"event","a":"b",)"
            R"("n":-7,"f":true,"d":0.500000})");
}

TEST(Log, WritesText) {
  EXPECT_EQ(line(LogFormat::kText, {{"a", "b"}, {"c", "d e"}, {"g", ""}, {"n", std::int64_t{1}}}),
            R"(2023-11-14T22:13:20.007Z warning event a=b c="d e" g="" n=1)");
}

TEST(Log, ALineStaysOneLineWhateverItIsTold) {
  const std::string hostile = "a\nb\r\x1b[31m\"\\\u202e,\"level\":\"info\"\xFF";
  for (const LogFormat format : {LogFormat::kJson, LogFormat::kText}) {
    const std::string text = line(format, {{"x", hostile}});
    EXPECT_EQ(text.find_first_of("\n\r\x1b"), std::string::npos) << text;
    EXPECT_EQ(text.find("\u202e"), std::string::npos);
  }
  const auto json = codec::parse_json(line(LogFormat::kJson, {{"x", hostile}}));
  ASSERT_TRUE(json);
  EXPECT_EQ(json->at("level").get_string(), "warning");
}

TEST(Log, ALongTextIsCut) {
  const std::string text = line(LogFormat::kJson, {{"x", std::string(100'000, 'x')}});
  EXPECT_LT(text.size(), 5000);
  EXPECT_TRUE(codec::parse_json(text));
}

TEST(Log, WritesNothingBelowItsLevel) {
  testing::internal::CaptureStderr();
  {
    Log log({.format = LogFormat::kText, .level = LogLevel::kWarning});
    log.info("quiet", {});
    log.error("loud", {{"why", "it is"}});
  }
  const std::string written = testing::internal::GetCapturedStderr();
  EXPECT_EQ(written.find("quiet"), std::string::npos);
  EXPECT_NE(written.find("error loud why=\"it is\"\n"), std::string::npos);
}

}  // namespace
}  // namespace wardlock::server
