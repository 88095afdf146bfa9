#include "config/setting.h"

#include <array>
#include <charconv>
#include <utility>

namespace wardlock::config {
namespace {

/// A whole number with one of the units behind it, in that unit's size.
std::optional<std::int64_t> parse_amount(
    std::string_view text, std::span<const std::pair<std::string_view, std::int64_t>> units) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || number < 0 || text.starts_with('-')) return std::nullopt;
  const std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
  for (const auto& [name, size] : units) {
    if (name == unit && number <= INT64_MAX / size) return number * size;
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) {
  static constexpr std::array<std::pair<std::string_view, std::int64_t>, 5> kUnits = {
      {{"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}}};
  const auto amount = parse_amount(text, kUnits);
  if (!amount) return std::nullopt;
  return std::chrono::milliseconds(*amount);
}

std::optional<std::int64_t> parse_size(std::string_view text) {
  static constexpr std::array<std::pair<std::string_view, std::int64_t>, 3> kUnits = {
      {{"", 1}, {"KiB", 1024}, {"MiB", 1024 * 1024}}};
  return parse_amount(text, kUnits);
}

}  // namespace wardlock::config
