#include "event/event.h"

#include <algorithm>

#include "event/words.h"

namespace wardlock::event {
namespace {

template <typename Word>
auto find_word(std::span<const Word> words, std::string_view name)
    -> std::optional<decltype(Word::value)> {
  const auto word = std::ranges::find(words, name, &Word::name);
  if (word == words.end()) return std::nullopt;
  return word->value;
}

}  // namespace

std::string_view to_string(Kind kind) { return all_kinds()[static_cast<std::size_t>(kind)].name; }
std::string_view to_string(Outcome outcome) {
  return all_outcomes()[static_cast<std::size_t>(outcome)].name;
}

std::optional<Kind> find_kind(std::string_view name) { return find_word(all_kinds(), name); }
std::optional<Outcome> find_outcome(std::string_view name) {
  return find_word(all_outcomes(), name);
}

}  // namespace wardlock::event
