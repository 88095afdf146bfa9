#include "cedar/format/layout.h"

#include "cedar/format/display_width.h"

namespace wardlock::cedar {

Layout::Part Layout::add(Node node) {
  nodes_.push_back(node);
  return static_cast<Part>(nodes_.size() - 1);
}

bool Layout::is_nothing(Part part) const {
  const Node& node = nodes_[index(part)];
  return node.kind == Kind::kConcat && node.count == 0;
}

Layout::Part Layout::text(std::string_view text) {
  texts_.push_back({text, display_width(text)});
  return add({Kind::kText, static_cast<std::uint32_t>(texts_.size() - 1), 0});
}

Layout::Part Layout::concat(std::span<const Part> parts) {
  const std::size_t first = children_.size();
  for (const Part part : parts) {
    if (!is_nothing(part)) children_.push_back(part);
  }
  return add({Kind::kConcat, static_cast<std::uint32_t>(first),
              static_cast<std::uint32_t>(children_.size() - first)});
}

Layout::Part Layout::indent(std::size_t width, Part part) {
  if (is_nothing(part)) return part;
  return add({Kind::kIndent, index(part), static_cast<std::uint32_t>(width)});
}

class Layout::Renderer {
 public:
  Renderer(const Layout& layout, std::size_t width) : layout_(layout), width_(width) {}

  std::string render(Part root) {
    frames_.push_back({index(root), 0, 0, false});
    while (!frames_.empty()) step();
    return std::move(out_);
  }

 private:
  /// A part that is still to be written; of a concatenation, from one of its children on.
  struct Frame {
    std::uint32_t node;
    std::uint32_t child;
    std::uint32_t indent;
    bool is_flat;
  };

  void step() {
    const Frame frame = frames_.back();
    const Node& node = layout_.nodes_[frame.node];
    if (node.kind == Kind::kConcat) {
      const Part child = layout_.children_[node.first + frame.child];
      if (++frames_.back().child == node.count) frames_.pop_back();
      frames_.push_back({index(child), 0, frame.indent, frame.is_flat});
      return;
    }
    frames_.pop_back();
    switch (node.kind) {
      case Kind::kText: return write(layout_.texts_[node.first]);
      case Kind::kHardLine: return break_line(frame.indent);
      case Kind::kLine: return frame.is_flat ? write({" ", 1}) : break_line(frame.indent);
      case Kind::kLineOrNothing:
        if (!frame.is_flat) break_line(frame.indent);
        return;
      case Kind::kIndent:
        return frames_.push_back({node.first, 0, frame.indent + node.count, frame.is_flat});
      case Kind::kGroup: {
        const bool is_flat = frame.is_flat || fits(node.first);
        return frames_.push_back({node.first, 0, frame.indent, is_flat});
      }
      case Kind::kConcat: return;
    }
  }

  void write(const Text& text) {
    out_ += text.text;
    column_ += text.width;
  }

  void break_line(std::uint32_t indent) {
    column_ = frames_.empty() ? indent : frames_.back().indent;
    out_ += '\n';
    out_.append(column_, ' ');
  }

  struct Ahead {
    std::uint32_t node;
    std::uint32_t child;
  };
  enum class Step : std::uint8_t { kGoOn, kFits, kTooLong };

  /// Whether the part, on one line, and what follows it up to the next line break fit.
  bool fits(std::uint32_t part) {
    ahead_.assign(1, {part, 0});
    std::size_t column = column_;
    bool is_flat = true;
    for (std::size_t outer = frames_.size();;) {
      if (ahead_.empty()) {
        if (outer == 0) return true;
        const Frame& frame = frames_[--outer];
        ahead_.push_back({frame.node, frame.child});
        is_flat = false;
      }
      const Step step = look_ahead(is_flat, column);
      if (step != Step::kGoOn) return step == Step::kFits;
    }
  }

  Step look_ahead(bool is_flat, std::size_t& column) {
    Ahead& top = ahead_.back();
    const Node& node = layout_.nodes_[top.node];
    if (node.kind == Kind::kConcat) {
      const Part child = layout_.children_[node.first + top.child];
      if (++top.child == node.count) ahead_.pop_back();
      ahead_.push_back({index(child), 0});
      return Step::kGoOn;
    }
    ahead_.pop_back();
    switch (node.kind) {
      case Kind::kIndent:
      case Kind::kGroup: ahead_.push_back({node.first, 0}); return Step::kGoOn;
      case Kind::kHardLine: return is_flat ? Step::kTooLong : Step::kFits;
      case Kind::kLine:
      case Kind::kLineOrNothing:
        if (!is_flat) return Step::kFits;
        column += node.kind == Kind::kLine ? 1 : 0;
        break;
      default: column += layout_.texts_[node.first].width;
    }
    return column > width_ ? Step::kTooLong : Step::kGoOn;
  }

  const Layout& layout_;
  std::size_t width_;
  std::string out_;
  std::size_t column_ = 0;
  std::vector<Frame> frames_;  ///< the innermost last
  std::vector<Ahead> ahead_;
};

std::string Layout::render(Part root, std::size_t width) const {
  if (is_nothing(root)) return "";
  return Renderer(*this, width).render(root);
}

}  // namespace wardlock::cedar
