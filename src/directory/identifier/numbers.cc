#include "directory/identifier/numbers.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "directory/identifier/ascii.h"
#include "directory/identifier/check_character.h"
#include "directory/identifier/refusal.h"

namespace wardlock::directory {
namespace {

constexpr std::size_t kMaxBytes = 64;

/// The offset of the first character that is none of those, or npos.
std::size_t find_other(std::string_view text, bool (*is_allowed)(char)) {
  return static_cast<std::size_t>(std::ranges::find_if_not(text, is_allowed) - text.begin());
}

std::string lowercase(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(), to_lower);
  return lower;
}

int hex_value(char c) { return is_digit(c) ? c - '0' : to_lower(c) - 'a' + 10; }

/// How an address is written: so many digits, then the sign.
struct Grouping {
  char sign;
  std::size_t digits;
};

Grouping grouping_of(std::string_view text) {
  for (const Grouping each : {Grouping{':', 2}, Grouping{'-', 2}, Grouping{'.', 4}}) {
    if (text.contains(each.sign)) return each;
  }
  return {.sign = '\0', .digits = text.size()};
}

constexpr std::string_view kAddressForms =
    "an address is six or eight bytes: 00:1a:2b:3c:4d:5e, 00-1a-2b-3c-4d-5e, 001a.2b3c.4d5e";

/// The hexadecimal digits of an address.
Parsed<std::string> address_digits(const Trimmed& given) {
  const Grouping grouping = grouping_of(given.text);
  std::string digits;
  for (std::size_t place = 0; place < given.text.size(); ++place) {
    const char c = given.text[place];
    const bool is_sign_due = (place + 1) % (grouping.digits + 1) == 0;
    if (is_sign_due ? c == grouping.sign : is_hex_digit(c)) {
      if (!is_sign_due) digits += to_lower(c);
      continue;
    }
    const std::size_t begin = given.begin + place;
    return refuse(begin, begin + 1,
                  is_sign_due ? fmt::format("the signs between the digits are not all in place")
                              : "this is no hexadecimal digit",
                  std::string(kAddressForms));
  }
  return digits;
}

}  // namespace

Parsed<std::string> normalise_npi(std::string_view text) {
  constexpr std::size_t kSize = 10;
  const Trimmed given = TRY(trim(text, "NPI", kMaxBytes));
  const std::size_t end = given.begin + given.text.size();
  if (const std::size_t other = find_other(given.text, is_digit); other < given.text.size()) {
    return refuse(given.begin + other, given.begin + other + 1, "an NPI consists of digits",
                  "leave out everything else");
  }
  if (given.text.size() != kSize) {
    return refuse(given.begin, end, fmt::format("this NPI has {} digits", given.text.size()),
                  "an NPI has 10");
  }
  if (given.text.front() != '1' && given.text.front() != '2') {
    return refuse(given.begin, given.begin + 1,
                  fmt::format("this NPI begins with `{}`", given.text.front()),
                  "it begins with 1 or 2");
  }
  const char expected = luhn_check_digit("80840" + std::string(given.text.substr(0, kSize - 1)));
  if (given.text.back() == expected) return std::string(given.text);
  return refuse(end - 1, end,
                fmt::format("the check digit of the NPI is `{}`, and should be `{}`",
                            given.text.back(), expected),
                "a digit was misread, or two have changed places");
}

Parsed<std::string> normalise_hardware_address(std::string_view text) {
  constexpr std::size_t kEui48 = 12;
  constexpr std::size_t kEui64 = 16;
  const Trimmed given = TRY(trim(text, "hardware address", kMaxBytes));
  const std::size_t end = given.begin + given.text.size();
  const std::string digits = TRY(address_digits(given));
  const bool is_cut_short = !is_hex_digit(given.text.back());
  if ((digits.size() != kEui48 && digits.size() != kEui64) || is_cut_short) {
    return refuse(given.begin, end,
                  fmt::format("this address has {} hexadecimal digits", digits.size()),
                  "an EUI-48 (MAC) has 12, an EUI-64 16");
  }
  if (digits.find_first_not_of('0') == std::string::npos) {
    return refuse(given.begin, end, "this address is all zeros, which stands for none",
                  "read it from the device's label");
  }
  if (hex_value(digits[1]) % 2 == 1) {
    return refuse(given.begin, given.begin + 2,
                  "this is the address of a group, which no device has",
                  "the first byte of a device's address is even");
  }
  std::string normal;
  for (std::size_t place = 0; place < digits.size(); place += 2) {
    if (place != 0) normal += ':';
    normal += digits.substr(place, 2);
  }
  return normal;
}

Parsed<std::string> normalise_uuid(std::string_view text) {
  constexpr std::string_view kForm = "00000000-0000-0000-0000-000000000000";
  constexpr std::string_view kUrn = "urn:uuid:";
  const Trimmed given = TRY(trim(text, "UUID", kMaxBytes));
  std::string uuid = lowercase(given.text);
  std::size_t begin = given.begin;
  if (uuid.starts_with(kUrn)) {
    uuid.erase(0, kUrn.size());
    begin += kUrn.size();
  } else if (uuid.starts_with('{') && uuid.ends_with('}') && uuid.size() > 1) {
    uuid = uuid.substr(1, uuid.size() - 2);
    ++begin;
  }
  const std::string help = fmt::format("its form is {}, in hexadecimal digits", kForm);
  for (std::size_t place = 0; place < std::min(uuid.size(), kForm.size()); ++place) {
    if (kForm[place] == '-' ? uuid[place] == '-' : is_hex_digit(uuid[place])) continue;
    return refuse(begin + place, begin + place + 1, "this is no UUID", help);
  }
  if (uuid.size() != kForm.size()) {
    return refuse(begin, begin + uuid.size(),
                  fmt::format("a UUID has {} characters, and this {}", kForm.size(), uuid.size()),
                  help);
  }
  if (uuid.find_first_not_of("0-") == std::string::npos ||
      uuid.find_first_not_of("f-") == std::string::npos) {
    return refuse(begin, begin + uuid.size(), "this UUID stands for none",
                  "give one that was made for this");
  }
  return uuid;
}

}  // namespace wardlock::directory
