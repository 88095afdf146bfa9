#include "codec/json_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/serialize.hpp>

#include "base/eight_bytes.h"

namespace wardlock::codec {
namespace {

/// DEL is escaped, too. (What lies above it is of UTF-8 and never is.)
bool are_eight_plain(const char* at) {
  const std::uint64_t eight = load_eight(at);
  return (find_special(eight) | find_byte(eight, 0x7f)) == 0;
}

bool is_plain(std::string_view text) {
  const char* at = text.data();
  const char* const end = at + text.size();
  if (text.size() < 8) {
    return std::none_of(at, end, [](char c) { return is_special(c) || c == 0x7f; });
  }
  for (; end - at > 8; at += 8) {
    if (!are_eight_plain(at)) return false;
  }
  return are_eight_plain(end - 8);
}

}  // namespace

void JsonWriter::key(const JsonKey& name) {
  if (needs_comma_) out_ += ',';
  out_ += name.text();
  needs_comma_ = false;
}

void JsonWriter::key_text(std::string_view name) {
  string(name);
  out_ += ':';
  needs_comma_ = false;
}

void JsonWriter::string(std::string_view text) {
  if (is_plain(text)) return plain_string(text);
  separate();
  out_ += boost::json::serialize(boost::json::string_view(text.data(), text.size()));
}

void JsonWriter::plain_string(std::string_view text) {
  const std::size_t before = out_.size();
  const std::size_t after = before + needs_comma_ + text.size() + 2;
  out_.resize_and_overwrite(after, [&](char* bytes, std::size_t) {
    char* at = bytes + before;
    if (needs_comma_) *at++ = ',';
    *at++ = '"';
    at = std::copy(text.begin(), text.end(), at);
    *at = '"';
    return after;
  });
  needs_comma_ = true;
}

void JsonWriter::integer(std::int64_t number) {
  separate();
  const fmt::format_int text(number);
  out_.append(text.data(), text.size());
}

void JsonWriter::boolean(bool is_true) {
  separate();
  out_ += is_true ? "true" : "false";
}

void JsonWriter::open(char bracket) {
  separate();
  out_ += bracket;
  needs_comma_ = false;
}

void JsonWriter::close(char bracket) {
  out_ += bracket;
  needs_comma_ = true;
}

void JsonWriter::separate() {
  if (needs_comma_) out_ += ',';
  needs_comma_ = true;
}

}  // namespace wardlock::codec
