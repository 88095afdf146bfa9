#include "directory/identifier/udi_draft.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <tuple>
#include <utility>

#include "base/utf8.h"

namespace wardlock::directory {
namespace {

std::string expected_length(std::size_t min, std::size_t max, std::string_view characters) {
  return min == max ? fmt::format("{} {}", max, characters)
                    : fmt::format("{} to {} {}", min, max, characters);
}

/// The whole character at `begin`, though it may be one of several bytes.
std::size_t end_of_character(std::string_view text, std::size_t begin) {
  std::size_t end = begin + 1;
  while (end < text.size() && is_continuation_byte(text[end])) ++end;
  return end;
}

}  // namespace

void UdiDraft::fault(Field field, std::string message, std::string help) {
  faults_.push_back(
      {.severity = Severity::kError,
       .message = std::move(message),
       .span = {static_cast<std::uint32_t>(field.begin), static_cast<std::uint32_t>(field.end)},
       .help = std::move(help)});
}

bool UdiDraft::check(Field field, std::string_view name, std::size_t min, std::size_t max,
                     bool (*is_allowed)(char), std::string_view characters) {
  const std::string expected = expected_length(min, max, characters);
  for (std::size_t place = field.begin; place < field.end; ++place) {
    if (is_allowed(text_[place])) continue;
    const Field wrong{place, end_of_character(text_, place)};
    fault(wrong, fmt::format("the {} may not hold `{}`", name, at(wrong)),
          fmt::format("it has {}", expected));
    return false;
  }
  const std::size_t size = field.end - field.begin;
  if (size >= min && size <= max) return true;
  fault(field,
        fmt::format("the {} has {} of its characters", name,
                    size == 0 ? "none" : std::to_string(size)),
        fmt::format("it has {}", expected));
  return false;
}

bool UdiDraft::check_digits(Field field, std::string_view name, std::size_t min, std::size_t max) {
  return check(field, name, min, max, is_digit, "digits");
}

void UdiDraft::add(UdiPart part, Field field) {
  const auto same = [&](const UdiPart& other) {
    return other.kind == part.kind && (part.kind != UdiPartKind::kOther || other.mark == part.mark);
  };
  if (std::ranges::any_of(parts_, same)) {
    return fault(field, fmt::format("the {} is given twice", part.name),
                 "a UDI says each thing once; two labels were read as one, perhaps");
  }
  part.value = at(field);
  parts_.push_back(std::move(part));
}

void UdiDraft::add_date(UdiPart part, Field field, std::string_view layout) {
  const auto date = read_label_date(at(field), layout, today_);
  if (!date) {
    const DateFault& wrong = date.error();
    return fault({field.begin + wrong.begin, field.begin + wrong.end},
                 fmt::format("the {} is no date: {}", part.name, wrong.message),
                 fmt::format("it is written {}", layout));
  }
  part.date = *date;
  add(std::move(part), field);
}

Parsed<Udi> UdiDraft::finish(IssuingAgency agency, std::string_view identifier_form) {
  const auto order = [](const UdiPart& part) { return std::tie(part.kind, part.mark); };
  std::ranges::sort(parts_, {}, order);
  const bool is_identified =
      !parts_.empty() && parts_.front().kind == UdiPartKind::kDeviceIdentifier;
  if (!is_identified && faults_.empty()) {
    fault({0, text_.size()}, "there is no device identifier",
          fmt::format("a UDI names a model first: {}", identifier_form));
  }
  if (!faults_.empty()) return std::unexpected(std::move(faults_));
  return Udi{.agency = agency, .parts = std::move(parts_), .text = {}};
}

}  // namespace wardlock::directory
