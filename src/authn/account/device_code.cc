#include "authn/account/device_code.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

namespace wardlock::authn {
namespace {

constexpr std::size_t kLeastAddress = 3;
constexpr std::size_t kMostAddress = 64;

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

}  // namespace

Secret new_device_code(const directory::Surroundings& surroundings) {
  constexpr std::uint64_t kCodes = 100'000'000;
  std::array<std::uint8_t, 8> bytes = {};
  surroundings.fill_random(bytes);
  std::uint64_t number = 0;
  for (const std::uint8_t byte : bytes) number = number << 8 | byte;
  std::string text = fmt::format("{:08}", number % kCodes);
  Secret code(text);
  wipe(text);
  return code;
}

Result<void> check_device_address(const Secret& address) {
  constexpr std::string_view kSigns = " +().:_/#-";
  const std::string_view text = address.reveal();
  const bool has_form = text.size() >= kLeastAddress && text.size() <= kMostAddress &&
                        std::ranges::any_of(text, is_letter_or_digit) &&
                        std::ranges::all_of(text, [&](char c) {
                          return is_letter_or_digit(c) || kSigns.contains(c);
                        });
  if (has_form) return {};
  return invalid(
      fmt::format("a device's address has {} to {} letters, digits and `{}`, and is none of mail",
                  kLeastAddress, kMostAddress, kSigns));
}

}  // namespace wardlock::authn
