#include "codec/json_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json/serialize.hpp>

namespace wardlock::codec {
namespace {

constexpr auto kIsPlain = [] {
  std::array<bool, 256> plain{};
  for (std::size_t c = 0x20; c < plain.size(); ++c) plain[c] = c != '"' && c != '\\' && c != 0x7f;
  return plain;
}();

bool is_plain(char c) { return kIsPlain[static_cast<unsigned char>(c)]; }

void append_string(std::string& out, std::string_view text) {
  if (std::ranges::all_of(text, is_plain)) {
    out.append(1, '"').append(text).append(1, '"');
  } else {
    out += boost::json::serialize(boost::json::string_view(text.data(), text.size()));
  }
}

}  // namespace

void JsonWriter::key(std::string_view name) {
  separate();
  append_string(out_, name);
  out_ += ':';
  needs_comma_ = false;
}

void JsonWriter::string(std::string_view text) {
  separate();
  append_string(out_, text);
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
