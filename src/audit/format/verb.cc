#include "audit/format/verb.h"

#include <algorithm>
#include <array>
#include <string>

namespace wardlock::audit {
namespace {

struct Word {
  std::string_view text;
  Verb verb;
};

constexpr auto kWords = std::to_array<Word>({
    {"add", Verb::kCreate},      {"create", Verb::kCreate},    {"order", Verb::kCreate},
    {"register", Verb::kCreate}, {"upload", Verb::kCreate},    {"display", Verb::kRead},
    {"download", Verb::kRead},   {"export", Verb::kRead},      {"get", Verb::kRead},
    {"list", Verb::kRead},       {"print", Verb::kRead},       {"read", Verb::kRead},
    {"show", Verb::kRead},       {"view", Verb::kRead},        {"amend", Verb::kUpdate},
    {"change", Verb::kUpdate},   {"configure", Verb::kUpdate}, {"correct", Verb::kUpdate},
    {"edit", Verb::kUpdate},     {"modify", Verb::kUpdate},    {"set", Verb::kUpdate},
    {"update", Verb::kUpdate},   {"write", Verb::kUpdate},     {"delete", Verb::kDelete},
    {"erase", Verb::kDelete},    {"remove", Verb::kDelete},
});

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

/// Of `viewSettings`, `View_settings` and `view-settings`: `view`.
std::string first_word(std::string_view action) {
  std::string word;
  for (const char c : action) {
    const bool is_small = c >= 'a' && c <= 'z';
    const bool is_first_capital = word.empty() && c >= 'A' && c <= 'Z';
    if (!is_small && !is_first_capital) break;
    word += lower(c);
  }
  return word;
}

}  // namespace

Verb verb_of(std::string_view action) {
  const auto found = std::ranges::find(kWords, first_word(action), &Word::text);
  return found == kWords.end() ? Verb::kExecute : found->verb;
}

std::string_view letter_of(Verb verb) {
  return std::string_view("CRUDE").substr(static_cast<std::size_t>(verb), 1);
}

}  // namespace wardlock::audit
