#include "directory/identifier/gs1_udi.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

#include "base/error.h"
#include "directory/identifier/check_character.h"
#include "directory/identifier/gs1_element.h"

namespace wardlock::directory {
namespace {

using Field = UdiDraft::Field;

constexpr char kGroupSeparator = '\x1d';
constexpr std::string_view kIdentifierForm = "`(01)` and a GTIN of 14 digits";
constexpr std::size_t kGtinSize = 14;

/// GS1 General Specifications, 7.11: the 82 characters of element strings.
bool is_gs1_character(char c) {
  return is_letter_or_digit(c) || std::string_view("!\"%&'()*+,-./:;<=>?_").contains(c);
}

void check_gtin(UdiDraft& draft, Field field) {
  const std::string_view gtin = draft.at(field);
  const char expected = gs1_check_digit(gtin.substr(0, gtin.size() - 1));
  if (gtin.back() == expected) return;
  draft.fault({field.end - 1, field.end},
              fmt::format("the check digit of the GTIN `{}` is `{}`, and should be `{}`", gtin,
                          gtin.back(), expected),
              "a digit was misread, or two have changed places: compare it with the label");
}

/// The length of `(nn)`, `(nnn)` or `(nnnn)` at the front of the text; 0 if there is none.
std::size_t bracket_size(std::string_view text) {
  if (!text.starts_with('(')) return 0;
  const std::size_t close = text.find_first_not_of("0123456789", 1);
  const bool is_closed = close != std::string_view::npos && text[close] == ')';
  return is_closed && close >= 3 && close <= 5 ? close + 1 : 0;
}

std::size_t find_bracket(std::string_view text, std::size_t from) {
  while (from < text.size() && bracket_size(text.substr(from)) == 0) ++from;
  return std::min(from, text.size());
}

/// People set spaces around values.
Field without_spaces(std::string_view text, Field field) {
  while (field.begin < field.end && text[field.begin] == ' ') ++field.begin;
  while (field.begin < field.end && text[field.end - 1] == ' ') --field.end;
  return field;
}

void add_element(UdiDraft& draft, const Gs1Element& element, Field value) {
  const bool is_sound = element.digits.empty()
                            ? draft.check(value, element.name, element.min, element.max,
                                          is_gs1_character, "letters, digits and signs of GS1")
                            : draft.check_digits(value, element.name, element.min, element.max);
  if (!is_sound) return;
  UdiPart part{.kind = element.kind,
               .mark = fmt::format("({})", element.identifier),
               .name = std::string(element.name),
               .value = {},
               .date = {}};
  if (element.digits.starts_with('Y')) {
    return draft.add_date(std::move(part), value, element.digits);
  }
  if (element.kind == UdiPartKind::kDeviceIdentifier) check_gtin(draft, value);
  draft.add(std::move(part), value);
}

void say_unknown(UdiDraft& draft, Field field) {
  draft.fault(field,
              fmt::format("`{}` is no application identifier of a device's label", draft.at(field)),
              "usual are (01) GTIN, (11) manufactured, (17) expires, (10) lot, (21) serial number");
}

Parsed<Udi> finish(UdiDraft& draft) {
  Udi udi = TRY(draft.finish(IssuingAgency::kGs1, kIdentifierForm));
  for (const UdiPart& part : udi.parts) udi.text += part.mark + part.value;
  return udi;
}

/// Where the value of an element ends that has no fixed length.
std::size_t end_of_value(std::string_view text, std::size_t from, std::size_t end) {
  return std::min(text.substr(0, end).find(kGroupSeparator, from), end);
}

/// A value that, in brackets, would be read as two: refused, since what people read must not say
/// something else.
bool looks_like_two(UdiDraft& draft, Field value) {
  const std::size_t bracket = find_bracket(draft.at(value), 0);
  if (value.begin + bracket == value.end) return false;
  draft.fault({value.begin + bracket, value.end},
              "a value holds what people would read as the next application identifier",
              "such a UDI cannot be written down without ambiguity");
  return true;
}

}  // namespace

Parsed<Udi> read_gtin(UdiDraft& draft, Field field) {
  check_gtin(draft, field);
  draft.add({.kind = UdiPartKind::kDeviceIdentifier,
             .mark = "(01)",
             .name = "GTIN",
             .value = {},
             .date = {}},
            field);
  Udi udi = TRY(draft.finish(IssuingAgency::kGs1, kIdentifierForm));
  std::string& gtin = udi.parts.front().value;
  gtin.insert(0, kGtinSize - gtin.size(), '0');
  udi.text = "(01)" + gtin;
  return udi;
}

Parsed<Udi> read_gs1_for_people(UdiDraft& draft, Field field) {
  const std::string_view text = draft.text().substr(0, field.end);
  std::size_t place = field.begin;
  while (place < field.end) {
    const std::size_t size = bracket_size(text.substr(place));
    const std::size_t next = find_bracket(text, place + std::max<std::size_t>(size, 1));
    if (size == 0) {
      draft.fault({place, next}, "there is no application identifier where one should begin",
                  "one is two to four digits in brackets, such as (01)");
      break;
    }
    const std::string_view identifier = text.substr(place + 1, size - 2);
    const Gs1Element* element = find_gs1_element(identifier);
    if (element != nullptr && element->identifier == identifier) {
      add_element(draft, *element, without_spaces(text, {place + size, next}));
    } else {
      say_unknown(draft, {place, place + size});
    }
    place = next;
  }
  return finish(draft);
}

Parsed<Udi> read_gs1_for_machines(UdiDraft& draft, Field field) {
  const std::string_view text = draft.text();
  std::size_t place = field.begin;
  while (place < field.end) {
    const Gs1Element* element = find_gs1_element(text.substr(place, field.end - place));
    if (element == nullptr) {
      say_unknown(draft, {place, std::min(place + 4, field.end)});
      break;
    }
    const std::size_t begin = place + element->identifier.size();
    std::size_t end = end_of_value(text, begin, field.end);
    if (element->has_fixed_length()) end = std::min(begin + element->max, end);
    const Field value{begin, end};
    if (end - begin > element->max) {
      draft.fault({begin + element->max, end},
                  fmt::format("no separator ends the {}", element->name),
                  "scanners that type as a keyboard often drop the group separator (0x1D): have "
                  "it set to send it");
    } else if (!looks_like_two(draft, value)) {
      add_element(draft, *element, value);
    }
    place = end;
    if (place < field.end && text[place] == kGroupSeparator) ++place;
  }
  return finish(draft);
}

}  // namespace wardlock::directory
