#include "directory/identifier/iccbba_udi.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "base/error.h"

// ISBT 128 Standard Technical Specification (ST-001), 3 and 7.

namespace wardlock::directory {
namespace {

using Field = UdiDraft::Field;

constexpr std::string_view kIdentifierForm = "`=/` and 16 letters and digits";

/// A data structure: what announces it, and what it holds.
struct Structure {
  std::string_view mark;
  std::size_t size;
  UdiPartKind kind;
  std::string_view name;
  std::string_view layout;  ///< of a date; `#`: digits; empty: letters and digits
};

// The longest mark that fits is meant, so `=` alone is last.
constexpr std::array kStructures = std::to_array<Structure>({
    {"&,1", 18, UdiPartKind::kLot, "lot", {}},
    {"=/", 16, UdiPartKind::kDeviceIdentifier, "processor and product", {}},
    {"=)", 10, UdiPartKind::kDeviceIdentifier, "container's maker and product", {}},
    {"&)", 10, UdiPartKind::kLot, "container's lot", {}},
    {"=,", 6, UdiPartKind::kSerial, "serial number", {}},
    {"=>", 6, UdiPartKind::kExpires, "date of expiry", "CYYJJJ"},
    {"&>", 10, UdiPartKind::kExpires, "date and time of expiry", "CYYJJJHHNN"},
    {"=}", 6, UdiPartKind::kManufactured, "date of manufacture", "CYYJJJ"},
    {"&}", 10, UdiPartKind::kManufactured, "date and time of manufacture", "CYYJJJHHNN"},
    {"=", 15, UdiPartKind::kDonation, "donation's number", {}},
});

const Structure* find_structure(std::string_view text) {
  const auto* found = std::ranges::find_if(
      kStructures, [&](const Structure& structure) { return text.starts_with(structure.mark); });
  return found == kStructures.end() ? nullptr : found;
}

/// The site that a processor or a donation's number begins with: no letter O, and no 0 in front.
bool begins_with_site(UdiDraft& draft, Field field, std::string_view name) {
  const char first = draft.at(field).front();
  if (first != 'O' && first != '0' && is_capital_or_digit(first)) return true;
  draft.fault({field.begin, field.begin + 1}, fmt::format("the {} begins with `{}`", name, first),
              "it begins with the site's code: a capital other than O, or a digit other than 0");
  return false;
}

/// A donation's number: site, two digits of the year, six of a sequence, two flags.
bool is_donation(UdiDraft& draft, Field field, std::string_view name) {
  constexpr std::size_t kSiteSize = 5;
  constexpr std::size_t kCountedSize = 8;
  const Field counted{field.begin + kSiteSize, field.begin + kSiteSize + kCountedSize};
  return begins_with_site(draft, field, name) &&
         draft.check_digits(counted, "donation's year and sequence", kCountedSize, kCountedSize);
}

bool is_sound(UdiDraft& draft, const Structure& structure, Field value) {
  if (!structure.layout.empty()) {
    return draft.check_digits(value, structure.name, structure.size, structure.size);
  }
  if (!draft.check(value, structure.name, structure.size, structure.size, is_letter_or_digit,
                   "letters and digits")) {
    return false;
  }
  if (structure.kind == UdiPartKind::kDonation) return is_donation(draft, value, structure.name);
  return structure.mark != "=/" || begins_with_site(draft, value, structure.name);
}

void add_structure(UdiDraft& draft, const Structure& structure, Field value) {
  if (!is_sound(draft, structure, value)) return;
  UdiPart part{.kind = structure.kind,
               .mark = std::string(structure.mark),
               .name = std::string(structure.name),
               .value = {},
               .date = {}};
  structure.layout.empty() ? draft.add(std::move(part), value)
                           : draft.add_date(std::move(part), value, structure.layout);
}

/// `=+` and five digits, which announce how many structures follow. Returns where those begin.
std::size_t skip_header(UdiDraft& draft, Field field) {
  constexpr std::string_view kMark = "=+";
  constexpr std::size_t kSize = 5;
  if (!draft.at(field).starts_with(kMark)) return field.begin;
  const std::size_t begin = field.begin + kMark.size();
  const Field digits{begin, std::min(begin + kSize, field.end)};
  draft.check_digits(digits, "header of the compound message", kSize, kSize);
  return digits.end;
}

}  // namespace

Parsed<Udi> read_iccbba(UdiDraft& draft, Field field) {
  const std::string_view text = draft.text().substr(0, field.end);
  std::size_t place = skip_header(draft, field);
  while (place < field.end) {
    const Structure* structure = find_structure(text.substr(place));
    if (structure == nullptr) {
      draft.fault({place, std::min(place + 2, field.end)}, "no data structure begins here",
                  "those of a UDI begin with `=/` model, `=,` serial number, `=` donation, `=>` "
                  "expiry, `=}` manufacture, `&,1` lot; perhaps the one before is too long");
      break;
    }
    const std::size_t begin = place + structure->mark.size();
    const std::size_t next = std::min(text.find_first_of("=&", begin), field.end);
    place = std::min(begin + structure->size, next);
    add_structure(draft, *structure, {begin, place});
  }
  Udi udi = TRY(draft.finish(IssuingAgency::kIccbba, kIdentifierForm));
  std::string normal;
  for (const UdiPart& part : udi.parts) normal += part.mark + part.value;
  udi.text = std::move(normal);
  return udi;
}

}  // namespace wardlock::directory
