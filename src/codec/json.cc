#include "codec/json.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value_stack.hpp>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "base/diagnostic.h"
#include "codec/plain_json.h"

namespace wardlock::codec {
namespace {

namespace json = boost::json;

/// Longer texts are files, of which the strict parser builds smaller objects.
constexpr std::size_t kQuestionBytes = std::size_t{64} << 10;

/// The keys of the objects that are open, innermost last.
class OpenKeys {
 public:
  void open() { objects_.push_back({.first = keys_.size(), .text = text_.size(), .more = {}}); }

  void close() {
    keys_.resize(objects_.back().first);
    text_.resize(objects_.back().text);
    objects_.pop_back();
  }

  void append(json::string_view part) { text_.append(part.data(), part.size()); }

  /// The key that was appended since the last one. False: the object has it already.
  bool add() {
    const Key key{begin(), text_.size() - begin()};
    Object& object = objects_.back();
    const std::size_t count = keys_.size() - object.first;
    if (count < kFew) {
      const auto is_same = [&](const Key& other) { return view(other) == view(key); };
      if (std::any_of(keys_.end() - static_cast<std::ptrdiff_t>(count), keys_.end(), is_same)) {
        return false;
      }
      keys_.push_back(key);
      return true;
    }
    if (object.more.empty()) {
      for (std::size_t i = object.first; i < keys_.size(); ++i) object.more.emplace(view(keys_[i]));
    }
    if (!object.more.emplace(view(key)).second) return false;
    text_.resize(key.begin);
    return true;
  }

  /// Of the innermost object.
  std::size_t count() const {
    const Object& object = objects_.back();
    return object.more.empty() ? keys_.size() - object.first : object.more.size();
  }

  /// The key that `add` refused.
  std::string refused() const { return text_.substr(begin()); }

 private:
  /// Up to here comparing with each is cheaper than a tree. (A hash table would let a sender choose
  /// keys that collide.)
  static constexpr std::size_t kFew = 16;

  struct Key {
    std::size_t begin, size;  ///< in `text_`
  };
  struct Object {
    std::size_t first;  ///< its first key
    std::size_t text;
    std::set<std::string, std::less<>> more;  ///< all its keys, when they are not few
  };

  /// Where the text of the latest key begins.
  std::size_t begin() const {
    const Object& object = objects_.back();
    return keys_.size() > object.first ? keys_.back().begin + keys_.back().size : object.text;
  }
  std::string_view view(const Key& key) const {
    return std::string_view(text_).substr(key.begin, key.size);
  }

  std::vector<Object> objects_;
  std::vector<Key> keys_;
  std::string text_;
};

/// Builds values as json::parser does, and refuses a key that its object already has.
class StrictHandler {
 public:
  // NOLINTBEGIN(readability-identifier-naming): Boost.JSON asks for these names.
  static constexpr std::size_t max_object_size = std::size_t(-1);
  static constexpr std::size_t max_array_size = std::size_t(-1);
  static constexpr std::size_t max_key_size = std::size_t(-1);
  static constexpr std::size_t max_string_size = std::size_t(-1);
  // NOLINTEND(readability-identifier-naming)

  StrictHandler(const json::storage_ptr& storage, std::size_t most_members)
      : stack(storage), most_members_(most_members) {
    stack.reset(storage);
  }

  bool on_document_begin(json::error_code&) { return true; }
  bool on_document_end(json::error_code&) { return true; }
  bool on_object_begin(json::error_code&) {
    keys_.open();
    return true;
  }
  bool on_object_end(std::size_t count, json::error_code&) {
    keys_.close();
    stack.push_object(count);
    return true;
  }
  bool on_array_begin(json::error_code&) { return true; }
  bool on_array_end(std::size_t count, json::error_code&) {
    stack.push_array(count);
    return true;
  }
  bool on_key_part(json::string_view text, std::size_t, json::error_code&) {
    keys_.append(text);
    stack.push_chars(text);
    return true;
  }
  bool on_key(json::string_view text, std::size_t, json::error_code& ec) {
    keys_.append(text);
    stack.push_key(text);
    has_too_many_members = keys_.count() == most_members_;
    if (!has_too_many_members) {
      if (keys_.add()) return true;
      duplicate_key = keys_.refused();
    }
    ec = json::error::syntax;
    return false;
  }
  bool on_string_part(json::string_view text, std::size_t, json::error_code&) {
    stack.push_chars(text);
    return true;
  }
  bool on_string(json::string_view text, std::size_t, json::error_code&) {
    stack.push_string(text);
    return true;
  }
  bool on_number_part(json::string_view, json::error_code&) { return true; }
  bool on_int64(std::int64_t n, json::string_view, json::error_code&) {
    stack.push_int64(n);
    return true;
  }
  bool on_uint64(std::uint64_t n, json::string_view, json::error_code&) {
    stack.push_uint64(n);
    return true;
  }
  bool on_double(double n, json::string_view, json::error_code&) {
    stack.push_double(n);
    return true;
  }
  bool on_bool(bool b, json::error_code&) {
    stack.push_bool(b);
    return true;
  }
  bool on_null(json::error_code&) {
    stack.push_null();
    return true;
  }
  bool on_comment_part(json::string_view, json::error_code&) { return true; }
  bool on_comment(json::string_view, json::error_code&) { return true; }

  json::value_stack stack;
  std::optional<std::string> duplicate_key;
  bool has_too_many_members = false;

 private:
  std::size_t most_members_;
  OpenKeys keys_;
};

std::string describe(const json::error_code& ec, const StrictHandler& handler) {
  if (handler.duplicate_key) {
    return fmt::format("the key `{}` occurs twice in one object", *handler.duplicate_key);
  }
  if (handler.has_too_many_members) return "an object has too many members";
  if (ec == json::error::too_deep) return "nested too deeply";
  if (ec == json::error::incomplete) return "the text ends before the value is complete";
  if (ec == json::error::extra_data) return "there is more text after the value";
  if (ec == json::error::illegal_leading_surrogate ||
      ec == json::error::illegal_trailing_surrogate) {
    return "a surrogate escape stands alone";
  }
  return ec.message();
}

void indent_into(std::string& out, const Json& value, std::size_t indent);

template <typename Items, typename Write>
void write_items(std::string& out, const Items& items, char open, char close, std::size_t indent,
                 Write write) {
  out += open;
  bool first = true;
  for (const auto& item : items) {
    out += first ? "\n" : ",\n";
    out.append(indent + 2, ' ');
    write(item);
    first = false;
  }
  if (!first) {
    out += '\n';
    out.append(indent, ' ');
  }
  out += close;
}

void indent_into(std::string& out, const Json& value, std::size_t indent) {
  if (const auto* object = value.if_object()) {
    write_items(out, *object, '{', '}', indent, [&](const auto& member) {
      out += json::serialize(member.key());
      out += ": ";
      indent_into(out, member.value(), indent + 2);
    });
  } else if (const auto* array = value.if_array()) {
    write_items(out, *array, '[', ']', indent,
                [&](const Json& item) { indent_into(out, item, indent + 2); });
  } else {
    out += json::serialize(value);
  }
}

/// Builds what is right, and says where something is not.
Result<Json> parse_strictly(std::string_view text, const JsonLimits& limits,
                            json::storage_ptr&& storage) {
  json::parse_options options;
  options.max_depth = limits.max_depth;
  json::basic_parser<StrictHandler> parser(options, std::move(storage), limits.max_members);
  json::error_code ec;
  const std::size_t parsed = parser.write_some(false, text.data(), text.size(), ec);
  std::size_t rest = parsed;
  while (rest < text.size() && std::string_view(" \t\r\n").contains(text[rest])) ++rest;
  if (!ec && rest < text.size()) ec = json::error::extra_data;
  if (ec) {
    const Position place = position_at(text, static_cast<std::uint32_t>(parsed));
    return invalid(fmt::format("not valid JSON: {} (line {}, column {})",
                               describe(ec, parser.handler()), place.line, place.column));
  }
  return parser.handler().stack.release();
}

}  // namespace

Result<Json> parse_json(std::string_view text, const JsonLimits& limits,
                        boost::json::storage_ptr storage) {
  if (text.size() > limits.max_bytes) {
    return fail(ErrorCode::kResourceExhausted,
                fmt::format("the JSON text has {} bytes; at most {} are accepted", text.size(),
                            limits.max_bytes));
  }
  if (text.size() <= kQuestionBytes) {
    if (auto json = parse_plain_json(text, limits, storage)) return *std::move(json);
  }
  return parse_strictly(text, limits, std::move(storage));
}

std::string to_json_text(const Json& json) { return json::serialize(json); }

std::string to_pretty_json_text(const Json& json) {
  std::string out;
  indent_into(out, json, 0);
  return out;
}

}  // namespace wardlock::codec
