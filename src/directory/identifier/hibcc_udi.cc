#include "directory/identifier/hibcc_udi.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

#include "base/error.h"
#include "directory/identifier/check_character.h"

// ANSI/HIBC 2: Supplier Labeling Standard.

namespace wardlock::directory {
namespace {

using Field = UdiDraft::Field;

constexpr std::string_view kIdentifierForm =
    "`+`, four characters of the labeler, 1 to 18 of the product, a digit for the unit of measure";
constexpr std::size_t kLabelerSize = 4;
constexpr std::size_t kMaxProductSize = 18;
constexpr std::size_t kMaxLotSize = 18;

bool is_lot_character(char c) { return is_capital_or_digit(c) || c == '-' || c == '.'; }

/// A space that is a check character is printed as an underscore.
char as_check(char c) { return c == '_' ? ' ' : c; }
char as_printed(char c) { return c == ' ' ? '_' : c; }

UdiPart part(UdiPartKind kind, std::string_view mark, std::string_view name) {
  return {
      .kind = kind, .mark = std::string(mark), .name = std::string(name), .value = {}, .date = {}};
}

/// Checks the last character of a symbol. Says so when it is wrong.
void check_symbol(UdiDraft& draft, Field symbol) {
  const std::string_view body = draft.at({symbol.begin, symbol.end - 1});
  const auto expected = hibc_check_character(body);
  if (!expected) return;  // the character at fault is pointed out where it stands
  const char found = draft.at(symbol).back();
  if (as_check(found) == *expected) return;
  draft.fault(
      {symbol.end - 1, symbol.end},
      fmt::format("the check character is `{}`, and should be `{}`", found, as_printed(*expected)),
      "a character was misread, or is missing: compare it with the label");
}

void read_primary(UdiDraft& draft, Field field) {
  const Field labeler{field.begin, std::min(field.begin + kLabelerSize, field.end)};
  if (!draft.check(labeler, "labeler's code", kLabelerSize, kLabelerSize, is_capital_or_digit,
                   "capitals and digits")) {
    return;
  }
  if (!is_capital(draft.at(labeler).front())) {
    draft.fault({labeler.begin, labeler.begin + 1},
                fmt::format("the labeler's code begins with `{}`", draft.at(labeler).front()),
                "it begins with a capital letter");
  }
  if (field.end - labeler.end < 2) {
    return draft.fault({labeler.end, field.end}, "the product is missing",
                       fmt::format("a device identifier is {}", kIdentifierForm));
  }
  const Field unit{field.end - 1, field.end};
  const bool is_sound = draft.check({labeler.end, unit.begin}, "product's number", 1,
                                    kMaxProductSize, is_capital_or_digit, "capitals and digits");
  if (!draft.check_digits(unit, "unit of measure", 1, 1) || !is_sound) return;
  draft.add(part(UdiPartKind::kDeviceIdentifier, "+", "labeler, product, unit of measure"), field);
}

/// A quantity in front of a date: 8 and two digits, or 9 and five. Returns where it ends.
std::size_t read_quantity(UdiDraft& draft, Field field) {
  if (field.begin == field.end) return field.end;
  const char flag = draft.text()[field.begin];
  if (flag != '8' && flag != '9') return field.begin;
  const std::size_t size = flag == '8' ? 2 : 5;
  const Field digits{field.begin + 1, std::min(field.begin + 1 + size, field.end)};
  if (draft.check_digits(digits, "quantity", size, size)) {
    draft.add(part(UdiPartKind::kQuantity, "$$", "quantity"), digits);
  }
  return digits.end;
}

/// How the date behind `$$` is laid out, by its first digit. `0` and `1` begin a month themselves.
std::string_view date_layout(char flag) {
  switch (flag) {
    case '0':
    case '1': return "MMYY";
    case '2': return "MMDDYY";
    case '3': return "YYMMDD";
    case '4': return "YYMMDDHH";
    case '5': return "YYJJJ";
    case '6': return "YYJJJHH";
    default: return {};
  }
}

/// The date of expiry behind `$$`, if there is one. Returns where the lot or serial number begins.
std::size_t read_expiry(UdiDraft& draft, Field field) {
  if (field.begin == field.end) return field.end;
  const char flag = draft.text()[field.begin];
  if (flag == '7') return field.begin + 1;
  const std::string_view layout = date_layout(flag);
  if (layout.empty()) {
    draft.fault({field.begin, field.begin + 1},
                fmt::format("`{}` does not say how the date of expiry is written", flag),
                "behind `$$` comes 2 for MMDDYY, 3 YYMMDD, 4 YYMMDDHH, 5 YYJJJ, 6 YYJJJHH, 7 no "
                "date, or MMYY itself");
    return field.end;
  }
  const std::size_t begin = field.begin + (layout == "MMYY" ? 0 : 1);
  const Field digits{begin, std::min(begin + layout.size(), field.end)};
  if (!draft.check_digits(digits, "date of expiry", layout.size(), layout.size())) {
    return field.end;
  }
  const std::string mark = layout == "MMYY" ? "$$" : fmt::format("$${}", flag);
  draft.add_date(part(UdiPartKind::kExpires, mark, "date of expiry"), digits, layout);
  return digits.end;
}

void read_number(UdiDraft& draft, Field field, bool is_serial, std::string_view mark) {
  const std::string_view name = is_serial ? "serial number" : "lot";
  if (!draft.check(field, name, 1, kMaxLotSize, is_lot_character,
                   "capitals, digits, hyphens and full stops")) {
    return;
  }
  draft.add(part(is_serial ? UdiPartKind::kSerial : UdiPartKind::kLot, mark, name), field);
}

/// `$$…`: quantity, date of expiry, lot; with a `+`, a serial number instead of the lot.
void read_dated(UdiDraft& draft, Field field, bool is_serial) {
  const std::size_t date = read_quantity(draft, field);
  const Field number{read_expiry(draft, {date, field.end}), field.end};
  if (number.begin == number.end && field.begin != field.end) return;  // a date alone
  read_number(draft, number, is_serial, is_serial ? "$$+" : "$$");
}

void read_long_date(UdiDraft& draft, Field field, UdiPart date) {
  constexpr std::string_view kLayout = "YYYYMMDD";
  if (!draft.check_digits(field, date.name, kLayout.size(), kLayout.size())) return;
  draft.add_date(std::move(date), field, kLayout);
}

/// The oldest form: a day of the year and the lot, with nothing before it.
void read_undressed(UdiDraft& draft, Field field) {
  constexpr std::string_view kLayout = "YYJJJ";
  const Field digits{field.begin, std::min(field.begin + kLayout.size(), field.end)};
  if (!draft.check_digits(digits, "date of expiry", kLayout.size(), kLayout.size())) return;
  draft.add_date(part(UdiPartKind::kExpires, "", "date of expiry"), digits, kLayout);
  if (digits.end != field.end) read_number(draft, {digits.end, field.end}, false, "");
}

/// What stands between two slashes.
void read_secondary(UdiDraft& draft, Field field) {
  const std::string_view text = draft.at(field);
  const auto behind = [&](std::size_t mark_size) {
    return Field{field.begin + mark_size, field.end};
  };
  if (text.starts_with("$$+")) return read_dated(draft, behind(3), true);
  if (text.starts_with("$$")) return read_dated(draft, behind(2), false);
  if (text.starts_with("$+")) return read_number(draft, behind(2), true, "$+");
  if (text.starts_with("$")) return read_number(draft, behind(1), false, "$");
  if (text.starts_with("S")) return read_number(draft, behind(1), true, "/S");
  if (text.starts_with("14D")) {
    return read_long_date(draft, behind(3), part(UdiPartKind::kExpires, "/14D", "date of expiry"));
  }
  if (text.starts_with("16D")) {
    return read_long_date(draft, behind(3),
                          part(UdiPartKind::kManufactured, "/16D", "date of manufacture"));
  }
  if (text.starts_with("Q")) {
    if (draft.check_digits(behind(1), "quantity", 1, 5)) {
      draft.add(part(UdiPartKind::kQuantity, "/Q", "quantity"), behind(1));
    }
    return;
  }
  if (!text.empty() && is_digit(text.front())) return read_undressed(draft, field);
  draft.fault(field, fmt::format("`{}` is no secondary data of HIBC", text),
              "behind `/` comes `$` lot, `$+` serial number, `$$` date and lot, `$$+` date and "
              "serial number, `S` serial number, `14D` expiry, `16D` manufacture or `Q` quantity");
}

void read_all_secondary(UdiDraft& draft, Field field) {
  std::size_t place = field.begin;
  while (true) {
    const std::size_t slash = std::min(draft.text().find('/', place), field.end);
    read_secondary(draft, {place, slash});
    if (slash == field.end) return;
    place = slash + 1;
  }
}

/// A symbol without its `+` and check character; also checks the latter.
Field open_symbol(UdiDraft& draft, Field symbol) {
  check_symbol(draft, symbol);
  return {symbol.begin + 1, symbol.end - 1};
}

/// Reads the symbol that names the model, and what it holds behind it.
void read_first_symbol(UdiDraft& draft, Field inside) {
  const std::size_t slash = std::min(draft.text().find('/', inside.begin), inside.end);
  const char begin = draft.text()[inside.begin];
  if (begin == '$' || is_digit(begin)) {
    return draft.fault(inside, "this is the second symbol of a label alone, which names no model",
                       "give the one that begins with `+` and a letter first, and this behind a "
                       "space");
  }
  read_primary(draft, {inside.begin, slash});
  if (slash != inside.end) read_all_secondary(draft, {slash + 1, inside.end});
}

/// Reads the second symbol, whose last character but one is the first one's check character.
Field read_second_symbol(UdiDraft& draft, Field symbol, char first_check) {
  const Field inside = open_symbol(draft, symbol);
  const Field link{inside.end - 1, inside.end};
  if (as_check(draft.at(link).front()) != as_check(first_check)) {
    draft.fault(
        link,
        fmt::format("the link character is `{}`, and the first symbol's check character `{}`",
                    draft.at(link), first_check),
        "the two symbols are of different labels: scan both of one");
  }
  const Field data{inside.begin, link.begin};
  read_all_secondary(draft, data);
  return data;
}

/// Without the asterisks that HIBC is printed between.
Field without_asterisks(std::string_view text, Field field) {
  if (field.end - field.begin < 2 || text[field.begin] != '*') return field;
  return {field.begin + 1, field.end - (text[field.end - 1] == '*' ? 1 : 0)};
}

Parsed<Udi> finish(UdiDraft& draft, std::string text) {
  Udi udi = TRY(draft.finish(IssuingAgency::kHibcc, kIdentifierForm));
  const auto check = hibc_check_character(text);
  if (check) text.push_back(as_printed(*check));
  udi.text = std::move(text);
  return udi;
}

}  // namespace

Parsed<Udi> read_hibcc(UdiDraft& draft, Field field) {
  constexpr std::size_t kLeast = 4;  // `+`, something, a link or a unit, a check character
  const std::string_view text = draft.text().substr(0, field.end);
  const std::size_t second_begin =
      text.find('+', std::min(text.find(' ', field.begin), text.size()));
  const bool has_second = second_begin != std::string_view::npos;
  std::size_t first_end = has_second ? text.find_last_not_of(' ', second_begin - 1) + 1 : field.end;
  if (has_second && text[second_begin - 1] == '*') {
    first_end = text.find_last_not_of(' ', second_begin - 2) + 1;
  }
  const Field first = without_asterisks(text, {field.begin, first_end});
  if (first.end - first.begin < kLeast) {
    draft.fault(first, "this is too short",
                fmt::format("HIBC is {}, a check character", kIdentifierForm));
    return finish(draft, {});
  }
  const Field inside = open_symbol(draft, first);
  read_first_symbol(draft, inside);
  std::string joined("+");
  joined += draft.at(inside);
  if (has_second) {
    Field second{second_begin, field.end};
    if (text.back() == '*') --second.end;
    if (second.end - second.begin < kLeast) {
      draft.fault(second, "the second symbol is too short",
                  "it is `+`, secondary data, the first one's check character, its own");
      return finish(draft, {});
    }
    joined += '/';
    joined += draft.at(read_second_symbol(draft, second, draft.text()[first.end - 1]));
  }
  return finish(draft, std::move(joined));
}

}  // namespace wardlock::directory
