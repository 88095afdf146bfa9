#include "pdp/notes.h"

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <utility>

namespace wardlock::pdp {

std::string_view join(Arena& arena, std::initializer_list<std::string_view> parts) {
  std::size_t size = 0;
  for (const std::string_view part : parts) size += part.size();
  const std::span<char> text = arena.allocate<char>(size);
  auto end = text.begin();
  for (const std::string_view part : parts) end = std::ranges::copy(part, end).out;
  return {text.data(), text.size()};
}

std::span<const std::string_view> distinct(Arena& arena, std::span<const std::string_view> texts) {
  if (texts.size() <= 1) return arena.copy(texts);
  // A hostile set of policies has many: sorted by text, equal ones are neighbours.
  const std::span<std::size_t> places = arena.allocate<std::size_t>(texts.size());
  std::iota(places.begin(), places.end(), std::size_t{0});
  const auto text_at = [&](std::size_t place) { return texts[place]; };
  std::ranges::sort(places, {}, [&](std::size_t place) { return std::pair(texts[place], place); });
  const auto repeated = std::ranges::unique(places, {}, text_at);
  const std::span<std::size_t> first(places.begin(), repeated.begin());
  std::ranges::sort(first);
  const std::span<std::string_view> kept = arena.allocate<std::string_view>(first.size());
  std::ranges::transform(first, kept.begin(), text_at);
  return kept;
}

}  // namespace wardlock::pdp
