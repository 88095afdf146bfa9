#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace wardlock::cli {

enum class Style : unsigned char { kPlain, kBold, kDim, kGreen, kRed, kYellow };

/// A text for people in pieces, each with the style it has on a terminal. What the pieces hold may
/// come from anywhere: it is made printable, so that only the styles can steer the terminal.
class StyledText {
 public:
  StyledText& add(std::string_view text, Style style = Style::kPlain) {
    pieces_.push_back({std::string(text), style});
    return *this;
  }

  std::string render(bool has_colour) const;

 private:
  struct Piece {
    std::string text;
    Style style;
  };
  std::vector<Piece> pieces_;
};

}  // namespace wardlock::cli
