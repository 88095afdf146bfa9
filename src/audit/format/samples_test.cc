#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "audit/format/format.h"
#include "audit/format/samples_for_test.h"
#include "base/utf8.h"
#include "base/version.h"
#include "codec/json.h"
#include "event/words.h"

namespace wardlock::audit {
namespace {

std::string message(Format format, const event::Event& event) {
  std::string out;
  EXPECT_TRUE(append(format, event, {}, out));
  return out;
}

/// All messages of an event. What differs from release to release is left out.
std::string messages(const event::Event& event) {
  std::string out;
  for (const FormatName& each : all_formats()) {
    std::string text = message(each.format, event);
    for (std::size_t at = 0; (at = text.find(version(), at)) != std::string::npos;) {
      text.replace(at, version().size(), "VERSION");
    }
    out += "# " + std::string(each.name) + "\n" + text + "\n";
  }
  return out;
}

/// With WARDLOCK_UPDATE in the environment the files are written, for review.
TEST(SamplesTest, HaveTheMessagesTheyHad) {
  const std::filesystem::path folder = WARDLOCK_SOURCE_DIR "/src/audit/format/testdata";
  for (const Sample& sample : sample_events()) {
    const auto path = folder / (std::string(sample.name) + ".messages");
    if (std::getenv("WARDLOCK_UPDATE") != nullptr) {  // NOLINT(concurrency-mt-unsafe): one thread
      std::ofstream(path) << messages(sample.event);
    }
    std::stringstream expected;
    expected << std::ifstream(path).rdbuf();
    EXPECT_EQ(messages(sample.event), expected.str()) << path;
  }
}

TEST(SamplesTest, ShowEachKind) {
  std::set<event::Kind> kinds;
  for (const Sample& sample : sample_events()) kinds.insert(sample.event.kind);
  EXPECT_EQ(kinds.size(), event::all_kinds().size());
}

TEST(SamplesTest, EachMessageIsOneLineAndNamesItsEvent) {
  for (const Sample& sample : sample_events()) {
    for (const FormatName& each : all_formats()) {
      const std::string text = message(each.format, sample.event);
      EXPECT_EQ(find_invalid_utf8(text), std::nullopt) << sample.name << ' ' << each.name;
      const bool is_line = std::ranges::none_of(text, [](char c) { return c >= 0 && c < ' '; });
      EXPECT_TRUE(is_line) << sample.name << ' ' << each.name;
      const bool is_named = sample.name == "hostile" || each.format == Format::kLine ||
                            text.contains(sample.event.id);
      EXPECT_TRUE(is_named) << sample.name << ' ' << each.name;
    }
  }
}

TEST(SamplesTest, JsonIsJson) {
  for (const Sample& sample : sample_events()) {
    for (const Format format : {Format::kNdjson, Format::kOcsf, Format::kFhir}) {
      const std::string text = message(format, sample.event);
      EXPECT_TRUE(codec::parse_json(text)) << text;
    }
  }
}

}  // namespace
}  // namespace wardlock::audit
