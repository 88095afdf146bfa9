#include "audit/format/visible_text.h"

#include <algorithm>

#include "audit/inspect/record_check.h"
#include "base/utf8.h"

namespace wardlock::audit {
namespace {

constexpr std::int64_t kLastMillisecond = 253'402'300'799'999;  // of the year 9999

bool is_plain(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= 0x20 && c < 0x7F; });
}

/// What `printable` leaves, and what breaks a line in some readers, or is no character of XML's.
struct Break {
  std::string_view text;
  std::string_view shown;
};
constexpr Break kBreaks[] = {{"\n", "\\u{a}"},        {"\t", "\\u{9}"},
                             {"\u2028", "\\u{2028}"}, {"\u2029", "\\u{2029}"},
                             {"\uFFFE", "\\u{fffe}"}, {"\uFFFF", "\\u{ffff}"}};

}  // namespace

void append_visible(std::string_view text, std::string& out) {
  if (is_plain(text)) {
    out += text;
    return;
  }
  const std::string shown = printable(text);
  for (std::string_view rest = shown; !rest.empty();) {
    const auto found = std::ranges::find_if(
        kBreaks, [&](const Break& each) { return rest.starts_with(each.text); });
    if (found != std::end(kBreaks)) {
      out += found->shown;
      rest.remove_prefix(found->text.size());
    } else {
      out += rest.front();
      rest.remove_prefix(1);
    }
  }
}

std::string visible(std::string_view text) {
  std::string out;
  append_visible(text, out);
  return out;
}

std::string message_time(std::int64_t milliseconds) {
  return time_text(std::clamp<std::int64_t>(milliseconds, 0, kLastMillisecond));
}

}  // namespace wardlock::audit
