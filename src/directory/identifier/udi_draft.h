#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "directory/identifier/ascii.h"
#include "directory/identifier/udi.h"

namespace wardlock::directory {

/// A UDI while it is being read: what was found so far, and what is wrong. Offsets are those of the
/// text the caller gave, so that every finding points into that.
class UdiDraft {
 public:
  /// A stretch of the text.
  struct Field {
    std::size_t begin = 0;
    std::size_t end = 0;
  };

  /// `text` outlives the draft.
  UdiDraft(std::string_view text, std::chrono::year today) : text_(text), today_(today) {}

  std::string_view text() const { return text_; }
  std::string_view at(Field field) const {
    return text_.substr(field.begin, field.end - field.begin);
  }

  void fault(Field field, std::string message, std::string help);

  /// Whether the field has `min` to `max` characters of those that `is_allowed`; else says what is
  /// wrong with `name`. `characters` names those that are allowed.
  bool check(Field field, std::string_view name, std::size_t min, std::size_t max,
             bool (*is_allowed)(char), std::string_view characters);
  /// The same for digits alone.
  bool check_digits(Field field, std::string_view name, std::size_t min, std::size_t max);

  /// Adds a part; says so if one of its kind, or with its mark, is there already.
  void add(UdiPart part, Field field);
  /// Adds a part that is a date, once its digits have been checked.
  void add_date(UdiPart part, Field field, std::string_view layout);

  const std::vector<UdiPart>& parts() const { return parts_; }

  /// The UDI, with its parts in the order of their kinds and marks and no normal form yet; or what
  /// is wrong. `identifier_form` says how a device identifier is written, should it be missing.
  Parsed<Udi> finish(IssuingAgency agency, std::string_view identifier_form);

 private:
  std::string_view text_;
  std::chrono::year today_;
  Diagnostics faults_;
  std::vector<UdiPart> parts_;
};

}  // namespace wardlock::directory
