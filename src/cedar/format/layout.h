#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace wardlock::cedar {

/// A document of which each group is laid out on one line if it fits, after Wadler's "A prettier
/// printer". Parts are made from the inside out and put into one another; `concat` leaves out what
/// is nothing.
///
/// A group fits if its text and what follows it up to the next possible line break do. A line that
/// begins anew is indented as far as what comes next asks for.
class Layout {
 public:
  enum class Part : std::uint32_t {};

  Part nothing() { return concat({}); }
  /// Counted as one line even where it holds newlines, as strings may. Borrows the text.
  Part text(std::string_view text);
  Part space() { return text(" "); }
  /// A space, or a new line in a group that does not fit.
  Part line() { return add({Kind::kLine, 0, 0}); }
  /// Nothing, or a new line in a group that does not fit.
  Part line_or_nothing() { return add({Kind::kLineOrNothing, 0, 0}); }
  /// Always a new line; a group that holds one does not fit.
  Part hard_line() { return add({Kind::kHardLine, 0, 0}); }

  Part concat(std::span<const Part> parts);
  Part concat(std::initializer_list<Part> parts) {
    return concat(std::span(parts.begin(), parts.size()));
  }
  Part indent(std::size_t width, Part part);
  Part group(Part part) { return add({Kind::kGroup, index(part), 0}); }

  /// Time is linear in the number of parts times the width.
  std::string render(Part root, std::size_t width) const;

 private:
  enum class Kind : std::uint8_t {
    kText,  // first: index into texts_
    kLine,
    kLineOrNothing,
    kHardLine,
    kConcat,  // first, count: range of children_
    kIndent,  // first: the part; count: by how much
    kGroup,   // first: the part
  };
  struct Node {
    Kind kind;
    std::uint32_t first;
    std::uint32_t count;
  };
  struct Text {
    std::string_view text;
    std::size_t width;
  };
  class Renderer;

  static std::uint32_t index(Part part) { return static_cast<std::uint32_t>(part); }
  Part add(Node node);
  bool is_nothing(Part part) const;

  std::vector<Node> nodes_;
  std::vector<Part> children_;
  std::vector<Text> texts_;
};

}  // namespace wardlock::cedar
