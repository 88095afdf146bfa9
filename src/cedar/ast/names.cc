#include "cedar/ast/names.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace wardlock::cedar {
namespace {

constexpr std::array<std::string_view, 9> kKeywords = {"true", "false", "if",   "then", "else",
                                                       "in",   "is",    "like", "has"};

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

}  // namespace

std::optional<std::string> why_reserved(std::string_view word) {
  if (word == "__cedar") return "`__cedar` is reserved for the language itself";
  if (std::ranges::find(kKeywords, word) == kKeywords.end()) return std::nullopt;
  return fmt::format("`{}` is a reserved word and cannot be a name", word);
}

bool is_word(std::string_view text) {
  return !text.empty() && is_letter(text.front()) &&
         std::ranges::all_of(text, [](char c) { return is_letter(c) || (c >= '0' && c <= '9'); });
}

bool is_identifier(std::string_view text) { return is_word(text) && !why_reserved(text); }

bool is_name(std::string_view text) {
  while (true) {
    const std::size_t separator = text.find("::");
    if (!is_identifier(text.substr(0, separator))) return false;
    if (separator == std::string_view::npos) return true;
    text.remove_prefix(separator + 2);
  }
}

bool is_action_type(std::string_view type) {
  return type == "Action" || type.ends_with("::Action");
}

}  // namespace wardlock::cedar
