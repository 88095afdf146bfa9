#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"

namespace wardlock::codec {

/// A node of a YAML document, with its place in the text.
struct Yaml {
  enum class Kind : std::uint8_t {
    kNull,    ///< nothing, `~` or `null`
    kPlain,   ///< a word without quotes: text, number or Boolean, as the reader wants it
    kQuoted,  ///< text in quotes, or a block of text
    kList,
    kMap,
  };
  struct Entry;

  Kind kind;
  Span span;                   ///< of a list or map: where it begins
  std::string text;            ///< kPlain, kQuoted
  std::vector<Yaml> items;     ///< kList
  std::vector<Entry> entries;  ///< kMap, in the order of the text

  explicit Yaml(Kind its_kind = Kind::kNull, Span its_span = {}, std::string its_text = {});

  bool is_text() const { return kind == Kind::kPlain || kind == Kind::kQuoted; }
};

struct Yaml::Entry {
  std::string key;
  Span span;  ///< of the key
  Yaml value;
};

struct YamlLimits {
  std::size_t max_bytes = std::size_t{1} << 20;
  std::size_t max_depth = 32;  ///< nesting of lists and maps
};

/// Parses the one document of a text: YAML 1.2 without what makes it surprising. Anchors, aliases,
/// tags, keys that are not plain text or come twice, and a second document are errors. An empty
/// text is a map without entries.
Parsed<Yaml> parse_yaml(std::string_view text, const YamlLimits& limits = {});

}  // namespace wardlock::codec
