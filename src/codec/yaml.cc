#include "codec/yaml.h"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <optional>
#include <spanstream>
#include <utility>

#include "base/utf8.h"

namespace wardlock::codec {
namespace {

/// Finds the offset of a line and column, as yaml-cpp counts them.
class Places {
 public:
  explicit Places(std::string_view text) : size_(text.size()), lines_{0} {
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '\n') lines_.push_back(i + 1);
    }
  }

  Span at(const YAML::Mark& mark, std::size_t length = 1) const {
    if (mark.is_null()) return {};
    const auto line = std::min(static_cast<std::size_t>(mark.line), lines_.size() - 1);
    const std::size_t begin = std::min(lines_[line] + static_cast<std::size_t>(mark.column), size_);
    return {static_cast<std::uint32_t>(begin),
            static_cast<std::uint32_t>(std::min(begin + std::max<std::size_t>(length, 1), size_))};
  }

 private:
  std::size_t size_;
  std::vector<std::size_t> lines_;  ///< where each begins
};

/// Builds the tree, and notes what is not allowed in it.
class TreeBuilder : public YAML::EventHandler {
 public:
  // NOLINTBEGIN(readability-identifier-naming): yaml-cpp asks for these names.
  TreeBuilder(const Places& places, std::size_t max_depth)
      : places_(places), max_depth_(max_depth) {}

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    check(mark, anchor, "?");
    add(Yaml(Yaml::Kind::kNull, places_.at(mark)));
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    refuse(mark, "an alias (`*name`) is not allowed here; write the value out");
    add(Yaml(Yaml::Kind::kNull, places_.at(mark)));
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    check(mark, anchor, tag);
    add(Yaml(tag == "?" ? Yaml::Kind::kPlain : Yaml::Kind::kQuoted, places_.at(mark, value.size()),
             value));
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(mark, tag, anchor, Yaml::Kind::kList);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(mark, tag, anchor, Yaml::Kind::kMap);
  }
  void OnMapEnd() override { close(); }
  // NOLINTEND(readability-identifier-naming)

  std::optional<Yaml>& root() { return root_; }
  Diagnostics& diagnostics() { return diagnostics_; }

 private:
  struct Open {
    Yaml node;
    std::optional<std::pair<std::string, Span>> key = {};  ///< whose value comes next
  };

  void refuse(Span span, std::string message) {
    diagnostics_.push_back({Severity::kError, std::move(message), span, ""});
  }
  void refuse(const YAML::Mark& mark, std::string message) {
    refuse(places_.at(mark), std::move(message));
  }

  void check(const YAML::Mark& mark, YAML::anchor_t anchor, std::string_view tag) {
    if (anchor != 0) refuse(mark, "an anchor (`&name`) is not allowed here; leave it out");
    if (tag != "?" && tag != "!") refuse(mark, "a tag (`!type`) is not allowed here; leave it out");
  }

  void open(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
            Yaml::Kind kind) {
    check(mark, anchor, tag);
    if (open_.size() == max_depth_) {
      refuse(mark, fmt::format("lists and maps are nested deeper than {} levels", max_depth_));
    }
    open_.push_back({.node = Yaml(kind, places_.at(mark))});
  }

  void close() {
    Yaml done = std::move(open_.back().node);
    open_.pop_back();
    if (open_.size() < max_depth_) add(std::move(done));
  }

  void add(Yaml node) {
    if (open_.empty()) {
      root_ = std::move(node);
    } else if (open_.back().node.kind == Yaml::Kind::kList) {
      open_.back().node.items.push_back(std::move(node));
    } else if (open_.back().key) {
      auto [key, span] = *std::exchange(open_.back().key, std::nullopt);
      open_.back().node.entries.push_back({std::move(key), span, std::move(node)});
    } else {
      take_key(node);
    }
  }

  void take_key(const Yaml& node) {
    if (!node.is_text()) refuse(node.span, "a key must be text");
    const auto& entries = open_.back().node.entries;
    if (std::ranges::find(entries, node.text, &Yaml::Entry::key) != entries.end()) {
      refuse(node.span, fmt::format("`{}` is given twice", node.text));
    }
    open_.back().key.emplace(node.text, node.span);
  }

  const Places& places_;
  std::size_t max_depth_;
  std::vector<Open> open_;
  std::optional<Yaml> root_;
  Diagnostics diagnostics_;
};

std::unexpected<Diagnostics> refusal(std::string message, Span span = {}) {
  return std::unexpected(Diagnostics{{Severity::kError, std::move(message), span, ""}});
}

Span byte_at(std::size_t offset) {
  return {static_cast<std::uint32_t>(offset), static_cast<std::uint32_t>(offset + 1)};
}

/// What would be shown otherwise than it is read.
std::optional<std::size_t> find_hidden(std::string_view text) {
  for (std::size_t from = 0; from < text.size();) {
    const auto found = find_deceptive_character(text.substr(from));
    if (!found) break;
    const char c = text[from + *found];
    const bool ends_line = c == '\r' && text.substr(from + *found).starts_with("\r\n");
    if (c != '\n' && c != '\t' && !ends_line) return from + *found;
    from += *found + 1;
  }
  return std::nullopt;
}

}  // namespace

Yaml::Yaml(Kind its_kind, Span its_span, std::string its_text)
    : kind(its_kind), span(its_span), text(std::move(its_text)) {}

Parsed<Yaml> parse_yaml(std::string_view text, const YamlLimits& limits) {
  if (text.size() > limits.max_bytes) {
    return refusal(fmt::format("the text is larger than {} bytes", limits.max_bytes));
  }
  if (const auto at = find_invalid_utf8(text)) return refusal("this is not UTF-8", byte_at(*at));
  if (const auto at = find_hidden(text)) {
    return refusal("control and bidirectional characters are not allowed", byte_at(*at));
  }
  const Places places(text);
  TreeBuilder builder(places, limits.max_depth);
  // yaml-cpp reports by exceptions; they end here.
  try {
    std::ispanstream stream(std::span<const char>(text.data(), text.size()));
    YAML::Parser parser(stream);
    if (parser.HandleNextDocument(builder) && builder.diagnostics().empty()) {
      TreeBuilder second(places, limits.max_depth);
      if (parser.HandleNextDocument(second)) {
        return refusal("there must be one document; a second begins here",
                       second.root() ? second.root()->span : Span{});
      }
    }
  } catch (const YAML::Exception& error) {
    builder.diagnostics().push_back(
        {Severity::kError, "not valid YAML: " + error.msg, places.at(error.mark), ""});
  }
  if (!builder.diagnostics().empty()) return std::unexpected(std::move(builder.diagnostics()));
  if (!builder.root() || builder.root()->kind == Yaml::Kind::kNull) {
    return Yaml(Yaml::Kind::kMap);
  }
  return *std::move(builder.root());
}

}  // namespace wardlock::codec
