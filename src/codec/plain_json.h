#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "codec/json.h"

namespace wardlock::codec {

/// Reads JSON as questions are written: no fractions or exponents, few members, little nesting, no
/// key with escapes. What it returns is what the strict parser would return; nothing means that
/// the text is for the strict parser, which says what is wrong with it, if anything is.
std::optional<Json> parse_plain_json(std::string_view text, const JsonLimits& limits,
                                     const boost::json::storage_ptr& storage);

/// The same piece by piece, for whoever knows what comes and needs no document of it. Each member
/// returns false where something else comes, or nothing plain; what was read then counts for
/// nothing, and nothing more may be read.
class PlainJsonReader {
 public:
  /// Borrows the text.
  PlainJsonReader(std::string_view text, const JsonLimits& limits);

  /// An object: `each(key)` reads the value of each member, or returns false. That no key comes
  /// twice is for `each` to see to.
  template <typename Each>
  bool read_members(Each each) {
    return read_list('{', '}', [&] {
      std::string_view key;
      return read_key(key) && each(key);
    });
  }
  /// An array: `each()` reads an item, or returns false.
  template <typename Each>
  bool read_items(Each each) {
    return read_list('[', ']', each);
  }

  /// A string without escapes; borrows from the text.
  bool read_text(std::string_view& out) { return take('"') && read_plain_text(out) && take('"'); }
  bool read_integer(std::int64_t& out);
  bool read_flag(bool& out);
  /// Anything, without duplicate keys. Takes its memory from where `out` does.
  bool read_value(Json& out);
  /// After the outermost value.
  bool read_end();

 private:
  template <typename Each>
  bool read_list(char open, char close, Each each) {
    if (++depth_ > max_depth_ || !take(open)) return false;
    skip_space();
    if (!take(close)) {
      do {
        skip_space();
        if (!each()) return false;
        skip_space();
      } while (take(','));
      if (!take(close)) return false;
    }
    --depth_;
    return true;
  }

  /// With the colon and the space around it.
  bool read_key(std::string_view& key) {
    if (!read_text(key)) return false;
    skip_space();
    if (!take(':')) return false;
    skip_space();
    return true;
  }
  bool read_object(boost::json::object& out);
  bool read_array(boost::json::array& out);
  bool read_string(boost::json::string& out);
  bool read_plain_text(std::string_view& text);
  bool read_escape(boost::json::string& out);
  bool read_code_point(boost::json::string& out);
  bool read_four_digits(std::uint32_t& out);
  void skip_space() {
    while (at_ != end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\r' || *at_ == '\t')) ++at_;
  }
  bool take(char c) {
    if (at_ == end_ || *at_ != c) return false;
    ++at_;
    return true;
  }
  bool take(std::string_view word);

  const char* at_;
  const char* end_;
  std::size_t max_depth_;
  std::size_t max_members_;
  std::size_t depth_ = 0;
};

}  // namespace wardlock::codec
