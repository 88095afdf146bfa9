#include "cli/styled_text.h"

#include "base/utf8.h"

namespace wardlock::cli {
namespace {

std::string_view escape(Style style) {
  switch (style) {
    case Style::kPlain: return "";
    case Style::kBold: return "\033[1m";
    case Style::kDim: return "\033[2m";
    case Style::kGreen: return "\033[32m";
    case Style::kRed: return "\033[31m";
    case Style::kYellow: return "\033[33m";
  }
  return "";
}

}  // namespace

std::string StyledText::render(bool has_colour) const {
  std::string out;
  for (const Piece& piece : pieces_) {
    const std::string_view begin = has_colour ? escape(piece.style) : "";
    out.append(begin).append(printable(piece.text));
    if (!begin.empty()) out += "\033[0m";
  }
  return out;
}

}  // namespace wardlock::cli
