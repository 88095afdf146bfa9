#include "directory/identifier/udi.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "base/utf8.h"
#include "directory/identifier/gs1_udi.h"
#include "directory/identifier/hibcc_udi.h"
#include "directory/identifier/iccbba_udi.h"
#include "directory/identifier/udi_draft.h"

namespace wardlock::directory {
namespace {

using Field = UdiDraft::Field;

constexpr std::size_t kMaxSize = 512;
constexpr std::string_view kForms =
    "a UDI begins with `(01)` or `01` (GS1), `+` and a letter (HIBCC) or `=/` (ICCBBA)";

/// What a scanner puts in front of what it read (ISO/IEC 15424): `]`, the symbology, a modifier.
bool has_symbology(std::string_view text) {
  return text.size() >= 3 && text.front() == ']' && is_letter_or_digit(text[1]) &&
         is_letter_or_digit(text[2]);
}

/// The symbologies that hold GS1's element strings: Code 128, Data Matrix, QR, DataBar, DotCode.
bool is_gs1_symbology(std::string_view symbology) {
  constexpr std::string_view kGs1[] = {"]C1", "]d2", "]Q3", "]e0", "]J1"};
  return std::ranges::find(kGs1, symbology) != std::end(kGs1);
}

Field trimmed(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n";
  const std::size_t begin = std::min(text.find_first_not_of(kBlank), text.size());
  return {begin, std::max(begin, text.find_last_not_of(kBlank) + 1)};
}

bool is_gtin(std::string_view text) {
  const std::size_t size = text.size();
  return (size == 8 || (size >= 12 && size <= 14)) && std::ranges::all_of(text, is_digit);
}

Parsed<Udi> refused(UdiDraft& draft, Field field, std::string message, std::string_view help) {
  draft.fault(field, std::move(message), std::string(help));
  return draft.finish(IssuingAgency::kGs1, {});
}

Parsed<Udi> read_scanned_gs1(UdiDraft& draft, Field field) {
  // Some scanners send the sign for "this is GS1" as a separator in front.
  if (draft.at(field).starts_with('\x1d')) ++field.begin;
  if (draft.at(field).empty()) return refused(draft, field, "there is nothing to read", kForms);
  return read_gs1_for_machines(draft, field);
}

Parsed<Udi> read_body(UdiDraft& draft, Field field) {
  const std::string_view text = draft.at(field);
  if (text.empty()) return refused(draft, field, "there is nothing to read", kForms);
  if (text.starts_with('+') || text.starts_with("*+")) {
    // A space at the end may be HIBC's check character.
    if (draft.text().substr(field.end).starts_with(' ') && !text.ends_with('*')) ++field.end;
    return read_hibcc(draft, field);
  }
  if (text.front() == '=' || text.front() == '&') return read_iccbba(draft, field);
  if (text.front() == '(') return read_gs1_for_people(draft, field);
  if (is_gtin(text)) return read_gtin(draft, field);
  if (is_digit(text.front()) || text.front() == '\x1d') return read_scanned_gs1(draft, field);
  return refused(draft, {field.begin, field.begin + 1}, "no issuing agency's form begins like this",
                 kForms);
}

}  // namespace

std::string_view to_string(IssuingAgency agency) {
  switch (agency) {
    case IssuingAgency::kGs1: return "GS1";
    case IssuingAgency::kHibcc: return "HIBCC";
    case IssuingAgency::kIccbba: return "ICCBBA";
  }
  return "unknown";
}

const UdiPart* Udi::find(UdiPartKind kind) const {
  const auto found = std::ranges::find(parts, kind, &UdiPart::kind);
  return found == parts.end() ? nullptr : &*found;
}

Parsed<Udi> parse_udi(std::string_view text, std::chrono::year today) {
  UdiDraft draft(text, today);
  Field field = trimmed(text);
  if (text.size() > kMaxSize) {
    return refused(draft, {kMaxSize, text.size()}, "this is too long for a UDI",
                   fmt::format("at most {} bytes are read", kMaxSize));
  }
  if (const auto wrong = find_invalid_utf8(text)) {
    return refused(draft, {*wrong, *wrong + 1}, "this is not text in UTF-8",
                   "have the scanner send ASCII");
  }
  if (!has_symbology(draft.at(field))) return read_body(draft, field);

  const std::string_view symbology = draft.at({field.begin, field.begin + 3});
  const Field body{field.begin + 3, field.end};
  if (is_gs1_symbology(symbology)) return read_scanned_gs1(draft, body);
  const std::string_view begin = draft.at(body);
  if (begin.starts_with('+') || begin.starts_with('=') || begin.starts_with('&')) {
    return read_body(draft, body);
  }
  return refused(draft, {field.begin, body.begin},
                 fmt::format("the scanner's prefix `{}` is not one of GS1's symbols", symbology),
                 "a device's label in GS1's form is sent with ]C1, ]d2, ]Q3, ]e0 or ]J1");
}

}  // namespace wardlock::directory
