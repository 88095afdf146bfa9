#include "directory/identifier/version_number.h"

#include <algorithm>
#include <array>
#include <vector>

#include "directory/identifier/ascii.h"

namespace wardlock::directory {
namespace {

constexpr std::size_t kMostNumbers = 8;

bool is_number(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, is_digit);
}

/// As numbers, however long they are.
std::weak_ordering compare_numbers(std::string_view a, std::string_view b) {
  a.remove_prefix(std::min(a.find_first_not_of('0'), a.size()));
  b.remove_prefix(std::min(b.find_first_not_of('0'), b.size()));
  if (a.size() != b.size()) return a.size() <=> b.size();
  return a <=> b;
}

/// The parts between dots; none: one of them is empty.
std::vector<std::string_view> parts_of(std::string_view text) {
  std::vector<std::string_view> parts;
  for (;;) {
    const std::size_t end = text.find('.');
    parts.push_back(text.substr(0, end));
    if (parts.back().empty()) return {};
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

bool are_identifiers(std::string_view text) {
  return std::ranges::all_of(text,
                             [](char c) { return is_letter_or_digit(c) || c == '-' || c == '.'; });
}

struct VersionNumber {
  std::array<std::string_view, kMostNumbers> numbers = {};  // empty: 0
  std::vector<std::string_view> before_release;             // none: it is a release

  static std::optional<VersionNumber> read(std::string_view text) {
    if (text.starts_with('v') || text.starts_with('V')) text.remove_prefix(1);
    VersionNumber version;
    if (const std::size_t plus = text.find('+'); plus != std::string_view::npos) {
      const std::string_view build = text.substr(plus + 1);
      if (!are_identifiers(build) || parts_of(build).empty()) return std::nullopt;
      text = text.substr(0, plus);
    }
    if (const std::size_t dash = text.find('-'); dash != std::string_view::npos) {
      version.before_release = parts_of(text.substr(dash + 1));
      if (version.before_release.empty() || !are_identifiers(text.substr(dash + 1))) {
        return std::nullopt;
      }
      text = text.substr(0, dash);
    }
    const auto numbers = parts_of(text);
    if (numbers.empty() || numbers.size() > kMostNumbers) return std::nullopt;
    if (!std::ranges::all_of(numbers, is_number)) return std::nullopt;
    std::ranges::copy(numbers, version.numbers.begin());
    return version;
  }
};

/// Semantic Versioning §11.4.
std::weak_ordering compare_before_release(const std::vector<std::string_view>& a,
                                          const std::vector<std::string_view>& b) {
  if (a.empty() || b.empty()) return a.empty() <=> b.empty();
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
    const bool is_a = is_number(a[i]);
    const bool is_b = is_number(b[i]);
    const auto order = is_a && is_b   ? compare_numbers(a[i], b[i])
                       : is_a != is_b ? std::weak_ordering(is_b <=> is_a)
                                      : std::weak_ordering(a[i] <=> b[i]);
    if (order != 0) return order;
  }
  return a.size() <=> b.size();
}

}  // namespace

bool is_ordered_version(std::string_view version) {
  return VersionNumber::read(version).has_value();
}

std::optional<std::weak_ordering> compare_versions(std::string_view a, std::string_view b) {
  const auto one = VersionNumber::read(a);
  const auto other = VersionNumber::read(b);
  if (!one || !other) return std::nullopt;
  for (std::size_t i = 0; i < kMostNumbers; ++i) {
    const auto order = compare_numbers(one->numbers[i], other->numbers[i]);
    if (order != 0) return order;
  }
  return compare_before_release(one->before_release, other->before_release);
}

}  // namespace wardlock::directory
