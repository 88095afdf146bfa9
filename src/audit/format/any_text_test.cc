// Whatever the texts of an event hold, its messages are one line, valid UTF-8, and what they say
// they are.
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "audit/format/format.h"
#include "audit/format/visible_text.h"
#include "audit/format/xml_for_test.h"
#include "base/arena.h"
#include "base/utf8.h"
#include "codec/json.h"
#include "event/field_table.h"
#include "event/words.h"

namespace wardlock::audit {
namespace {

using event::Event;

constexpr std::string_view kPieces[] = {
    "a",     "\"",   "\\",     "]",      "[",          "<",       ">",      "&",
    "'",     "=",    "|",      " ",      "\n",         "\r",      "\t",     "\x01",
    "\x1B",  "\x7F", "\u0085", "\u2028", "\u202E",     "\uFEFF",  "--",     "%",
    "{",     "]]>",  "<!--",   "\uFFFE", "\uFFFF",     "\u00E4",  "\xC3",   "\xED\xA0\x80",
    "-",     "/>",   "\\n",    "\\u{a}", "\U0010FFFF", "sd-id@1", "CEF:0|", "<86>1 ",
    "&#10;", ""};

class AnyEvent {
 public:
  explicit AnyEvent(unsigned seed) : random_(seed) {}

  Event draw() {
    Event event;
    for (const event::Field& field : event::all_fields()) {
      std::visit([&](auto place) { set(event.*place); }, field.place);
    }
    return event;
  }

 private:
  std::size_t below(std::size_t end) {
    return std::uniform_int_distribution<std::size_t>(0, end - 1)(random_);
  }

  std::string_view any_text() {
    std::string text;
    for (std::size_t pieces = below(6); pieces > 0; --pieces) {
      const std::size_t piece = below(std::size(kPieces) + 1);
      if (piece == std::size(kPieces)) {
        text += static_cast<char>(below(256));
      } else {
        text += kPieces[piece].empty() ? std::string(1, '\0') : std::string(kPieces[piece]);
      }
    }
    return arena_.copy(std::string_view(text));
  }
  std::int64_t any_number() {
    constexpr std::int64_t kMost = (std::int64_t{1} << 53) - 1;
    constexpr std::int64_t kEdges[] = {0, -1, 1, kMost, -kMost, 253'402'300'800'000};
    return kEdges[below(std::size(kEdges))];
  }

  void set(std::string_view& text) { text = any_text(); }
  void set(std::int64_t& number) { number = any_number(); }
  void set(std::optional<std::int64_t>& number) {
    if (below(2) == 0) number = any_number();
  }
  void set(std::optional<bool>& flag) {
    if (below(2) == 0) flag = below(2) == 0;
  }
  void set(event::Kind& kind) { kind = event::all_kinds()[below(event::all_kinds().size())].value; }
  void set(event::Outcome& outcome) { outcome = event::all_outcomes()[below(3)].value; }
  void set(event::Texts& texts) {
    std::vector<std::string_view> list(below(4));
    for (std::string_view& text : list) text = any_text();
    texts = arena_.copy(list);
  }

  std::mt19937 random_;
  Arena arena_;
};

bool is_one_line(std::string_view text) {
  const bool has_control = std::ranges::any_of(text, [](char c) { return c >= 0 && c < ' '; });
  return !has_control && !find_invalid_utf8(text);
}

/// Has no character that hides, breaks a line or turns the order of others.
bool is_visible(std::string_view text) { return is_one_line(text) && visible(text) == text; }

/// The header, structured data and MSG of RFC 5424 §6; the number of SD-PARAMs, or nothing.
std::optional<std::size_t> count_parameters(std::string_view text) {
  for (int i = 0; i < 6; ++i) {  // PRI and version, time, host, application, process, MSGID
    const std::size_t space = text.find(' ');
    if (space == std::string_view::npos || space == 0 || space > 255) return std::nullopt;
    text.remove_prefix(space + 1);
  }
  std::size_t parameters = 0;
  bool is_in_value = false;
  std::size_t i = 0;
  for (; i < text.size(); ++i) {
    const char c = text[i];
    if (is_in_value && c == '\\') {
      ++i;
    } else if (c == '"') {
      is_in_value = !is_in_value;
      if (is_in_value) ++parameters;
    } else if (is_in_value && c == ']') {
      return std::nullopt;
    } else if (!is_in_value && c == ']' && text.substr(i).starts_with("] ")) {
      break;
    }
  }
  if (!text.substr(i).starts_with("] ")) return std::nullopt;
  return parameters;
}

/// The values of an extension of CEF: between keys, which no value can hold.
std::size_t count_cef_keys(std::string_view text) {
  std::size_t keys = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == '=') {
      ++keys;
    }
  }
  return keys;
}

std::size_t count_values(const Event& event, bool is_by_field) {
  std::size_t values = 0;
  for (const event::Field& field : event::all_fields()) {
    std::visit(
        [&](auto place) {
          const auto& value = event.*place;
          using Value = std::remove_cvref_t<decltype(value)>;
          if constexpr (std::is_same_v<Value, std::string_view>) {
            values += value.empty() ? 0 : 1;
          } else if constexpr (std::is_same_v<Value, event::Texts>) {
            std::size_t texts = 0;
            for (const std::string_view text : value) texts += text.empty() ? 0 : 1;
            values += is_by_field ? std::min<std::size_t>(texts, 1) : texts;
          } else if constexpr (requires { value.has_value(); }) {
            values += value.has_value() ? 1 : 0;
          } else {
            ++values;
          }
        },
        field.place);
  }
  return values;
}

class AnyTextTest : public testing::TestWithParam<unsigned> {
 protected:
  static std::string message(Format format, const Event& event, const FormatOptions& options = {}) {
    std::string out;
    EXPECT_TRUE(append(format, event, options, out));
    return out;
  }
};

TEST_P(AnyTextTest, EveryMessageIsWellFormed) {
  AnyEvent any(GetParam());
  for (int i = 0; i < 200; ++i) {
    const Event event = any.draw();
    EXPECT_TRUE(is_visible(message(Format::kLine, event)));
    EXPECT_TRUE(is_one_line(message(Format::kNdjson, event)));
    EXPECT_TRUE(codec::parse_json(message(Format::kNdjson, event)));
    const std::string cef = message(Format::kCef, event);
    EXPECT_TRUE(is_visible(cef));
    // All but the kind have a key, and an address of IPv6 a label; we draw none.
    EXPECT_EQ(count_cef_keys(cef), count_values(event, true) - 1) << cef;
    const std::string ocsf = message(Format::kOcsf, event);
    EXPECT_TRUE(is_one_line(ocsf));
    EXPECT_TRUE(codec::parse_json(ocsf)) << ocsf;
    const std::string fhir = message(Format::kFhir, event);
    EXPECT_TRUE(is_visible(fhir));
    EXPECT_TRUE(codec::parse_json(fhir)) << fhir;
    const std::string dicom = message(Format::kDicom, event);
    EXPECT_TRUE(is_visible(dicom));
    EXPECT_TRUE(read_xml(dicom)) << dicom;
  }
}

TEST_P(AnyTextTest, SyslogHoldsAnyOfThem) {
  AnyEvent any(GetParam());
  for (int i = 0; i < 50; ++i) {
    const Event event = any.draw();
    for (const FormatName& each : all_formats()) {
      if (each.format == Format::kSyslog) continue;
      const std::string text = message(Format::kSyslog, event, {.syslog_body = each.format});
      EXPECT_TRUE(is_one_line(text)) << text;
      const bool is_line = each.format == Format::kLine;
      const std::size_t which = event.id.empty() ? 2 : 3;
      constexpr std::size_t kOrigin = 2;
      EXPECT_EQ(count_parameters(text), kOrigin + (is_line ? count_values(event, false) : which))
          << text;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, AnyTextTest, testing::Values(1U, 2U, 3U));

}  // namespace
}  // namespace wardlock::audit
