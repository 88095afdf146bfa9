#include "codec/plain_json.h"

#include <algorithm>
#include <charconv>
#include <string>

#include "base/eight_bytes.h"
#include "base/utf8.h"

namespace wardlock::codec {
namespace {

namespace json = boost::json;

/// Up to here an object finds its keys by looking at each.
constexpr std::size_t kMostMembers = 16;
constexpr std::size_t kDeepest = 64;
/// So many never overflow.
constexpr std::ptrdiff_t kMostDigits = 18;
/// What most objects need.
constexpr std::size_t kUsualMembers = 4;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

PlainJsonReader::PlainJsonReader(std::string_view text, const JsonLimits& limits)
    : at_(text.data()),
      end_(text.data() + text.size()),
      max_depth_(std::min(limits.max_depth, kDeepest)),
      max_members_(std::min(limits.max_members, kMostMembers)) {
  skip_space();
}

bool PlainJsonReader::read_end() {
  skip_space();
  return at_ == end_;
}

bool PlainJsonReader::read_value(Json& out) {
  if (at_ == end_) return false;
  switch (*at_) {
    case '{': return read_object(out.emplace_object());
    case '[': return read_array(out.emplace_array());
    case '"': return read_string(out.emplace_string());
    case 't':
    case 'f': return read_flag(out.emplace_bool());
    case 'n': out.emplace_null(); return take("null");
    default: return read_integer(out.emplace_int64());
  }
}

bool PlainJsonReader::read_object(json::object& out) {
  return read_members([&](std::string_view key) {
    if (out.empty()) out.reserve(kUsualMembers);
    if (out.size() == max_members_) return false;
    const auto [member, is_new] = out.emplace(json::string_view(key.data(), key.size()), nullptr);
    return is_new && read_value(member->value());
  });
}

bool PlainJsonReader::read_array(json::array& out) {
  return read_items([&] { return read_value(out.emplace_back(nullptr)); });
}

bool PlainJsonReader::read_string(json::string& out) {
  ++at_;
  std::string_view text;
  if (!read_plain_text(text)) return false;
  out.assign(json::string_view(text.data(), text.size()));
  while (take('\\')) {
    if (!read_escape(out) || !read_plain_text(text)) return false;
    out.append(json::string_view(text.data(), text.size()));
  }
  return take('"');
}

/// Up to a quote, a backslash or what must not be there.
bool PlainJsonReader::read_plain_text(std::string_view& text) {
  const char* const begin = at_;
  std::uint64_t seen = 0;
  for (;; at_ += 8) {
    if (end_ - at_ < 8) {
      while (at_ != end_ && !is_special(*at_)) seen |= static_cast<unsigned char>(*at_++);
      break;
    }
    const std::uint64_t eight = load_eight(at_);
    seen |= eight;  // a little beyond the text, perhaps
    if (const std::uint64_t special = find_special(eight)) {
      at_ += std::countr_zero(special) / 8;
      break;
    }
  }
  text = {begin, static_cast<std::size_t>(at_ - begin)};
  return (seen & kHighBits) == 0 || !find_invalid_utf8(text);
}

bool PlainJsonReader::read_escape(json::string& out) {
  constexpr std::string_view kNames = "\"\\/bfnrt", kMeant = "\"\\/\b\f\n\r\t";
  if (take('u')) return read_code_point(out);
  const std::size_t which = at_ == end_ ? std::string_view::npos : kNames.find(*at_);
  if (which == std::string_view::npos) return false;
  out.push_back(kMeant[which]);
  ++at_;
  return true;
}

/// What lies above U+FFFF comes as two surrogates; one alone is an error.
bool PlainJsonReader::read_code_point(json::string& out) {
  std::uint32_t point = 0, low = 0;
  if (!read_four_digits(point)) return false;
  if (point >= 0xD800 && point < 0xE000) {
    if (point >= 0xDC00 || !take("\\u") || !read_four_digits(low)) return false;
    if (low < 0xDC00 || low >= 0xE000) return false;
    point = 0x10000 + ((point - 0xD800) << 10) + (low - 0xDC00);
  }
  std::string bytes;  // too few for the heap
  append_utf8(bytes, point);
  out.append(json::string_view(bytes));
  return true;
}

bool PlainJsonReader::read_four_digits(std::uint32_t& out) {
  if (end_ - at_ < 4) return false;
  const auto [end, error] = std::from_chars(at_, at_ + 4, out, 16);
  if (error != std::errc() || end != at_ + 4) return false;
  at_ = end;
  return true;
}

bool PlainJsonReader::read_integer(std::int64_t& out) {
  const bool is_negative = take('-');
  const char* const begin = at_;
  std::int64_t number = 0;
  for (; at_ != end_ && is_digit(*at_) && at_ - begin < kMostDigits; ++at_) {
    number = number * 10 + (*at_ - '0');
  }
  out = is_negative ? -number : number;
  const bool is_odd = at_ == begin || (*begin == '0' && (at_ - begin > 1 || is_negative));
  // What goes on is a longer number, or a fraction.
  return !is_odd && (at_ == end_ || !(is_digit(*at_) || *at_ == '.' || (*at_ | 0x20) == 'e'));
}

bool PlainJsonReader::read_flag(bool& out) {
  out = at_ != end_ && *at_ == 't';
  return take(out ? "true" : "false");
}

bool PlainJsonReader::take(std::string_view word) {
  if (!std::string_view(at_, static_cast<std::size_t>(end_ - at_)).starts_with(word)) return false;
  at_ += word.size();
  return true;
}

std::optional<Json> parse_plain_json(std::string_view text, const JsonLimits& limits,
                                     const json::storage_ptr& storage) {
  std::optional<Json> out(storage);
  PlainJsonReader reader(text, limits);
  if (!reader.read_value(*out) || !reader.read_end()) out.reset();
  return out;
}

}  // namespace wardlock::codec
