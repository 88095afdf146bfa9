#include "suite/xml_text.h"

#include "base/utf8.h"

namespace wardlock::suite {

std::string xml_text(std::string_view text) {
  std::string out;
  const std::string shown = printable(text);
  for (std::size_t i = 0; i < shown.size(); ++i) {
    const std::string_view rest = std::string_view(shown).substr(i);
    switch (shown[i]) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      // A parser would make blanks of them in an attribute.
      case '\n': out += "&#10;"; break;
      case '\t': out += "&#9;"; break;
      default:
        if (rest.starts_with("\uFFFE") || rest.starts_with("\uFFFF")) {
          out += rest.starts_with("\uFFFE") ? "\\u{fffe}" : "\\u{ffff}";
          i += 2;
        } else {
          out += shown[i];
        }
    }
  }
  return out;
}

}  // namespace wardlock::suite
