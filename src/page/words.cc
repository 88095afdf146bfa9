#include "page/words.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/utf8.h"

namespace wardlock::page {
namespace {

constexpr std::string_view kEquals = " = ";

bool is_key(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.' || c == '-';
  });
}

/// Whether every `{` has its `}`, around a name.
bool has_whole_gaps(std::string_view text) {
  while (true) {
    const std::size_t open = text.find_first_of("{}");
    if (open == std::string_view::npos) return true;
    const std::size_t close = text.find('}', open);
    if (close == std::string_view::npos || text[open] == '}') return false;
    if (!is_key(text.substr(open + 1, close - open - 1))) return false;
    text.remove_prefix(close + 1);
  }
}

}  // namespace

Result<Words> Words::read(std::string_view file) {
  if (find_invalid_utf8(file)) return invalid("the words are not UTF-8");
  Words words;
  std::size_t number = 0;
  while (!file.empty()) {
    ++number;
    const std::size_t end = std::min(file.find('\n'), file.size());
    const std::string_view line = file.substr(0, end);
    file.remove_prefix(std::min(end + 1, file.size()));
    if (line.empty() || line.starts_with('#')) continue;
    const std::size_t equals = line.find(kEquals);
    const std::string_view key = line.substr(0, equals);
    if (equals == std::string_view::npos || !is_key(key)) {
      return invalid(fmt::format("line {} is not `key = text`", number));
    }
    const std::string_view text = line.substr(equals + kEquals.size());
    if (text.empty() || !has_whole_gaps(text)) {
      return invalid(
          fmt::format("line {}: `{}` has no text, or a gap that is not closed", number, key));
    }
    if (!words.texts_.emplace(key, text).second) {
      return invalid(fmt::format("line {}: `{}` comes twice", number, key));
    }
  }
  return words;
}

std::string_view Words::of(std::string_view key) const {
  const auto found = texts_.find(key);
  return found == texts_.end() ? key : std::string_view(found->second);
}

Result<std::string> Words::filled(std::string_view key, const Fill& fill) const {
  std::string_view text = of(key);
  std::string out;
  while (true) {
    const std::size_t open = text.find('{');
    out += text.substr(0, open);
    if (open == std::string_view::npos) return out;
    const std::size_t close = text.find('}', open);
    out += TRY(fill(text.substr(open + 1, close - open - 1)));
    text.remove_prefix(close + 1);
  }
}

}  // namespace wardlock::page
