#include "audit/report/html.h"

#include <fmt/format.h>

#include "audit/inspect/record_check.h"
#include "base/utf8.h"

namespace wardlock::audit {

std::string html(std::string_view text) {
  std::string out;
  for (const char c : printable(text)) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\'': out += "&#39;"; break;
      default: out += c;
    }
  }
  return out;
}

std::string html_time(std::int64_t milliseconds) {
  const std::string text = time_text(milliseconds);
  const std::size_t middle = text.find('T');
  if (middle == std::string::npos) return fmt::format("<time>{}</time>", html(text));
  const std::string_view whole = text;
  const std::string_view day = whole.substr(0, middle);
  std::string_view hours = whole.substr(middle + 1);
  hours.remove_suffix(1);  // Z
  return fmt::format("<time datetime=\"{}\">{} <b>{}</b></time>", text, day, hours);
}

std::string grouped(std::uint64_t number) {
  std::string digits = std::to_string(number);
  for (std::size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, "\u2009");
  return digits;
}

std::string counted(std::uint64_t count, std::string_view noun) {
  return fmt::format("{} {}{}", grouped(count), noun, count == 1 ? "" : "s");
}

}  // namespace wardlock::audit
