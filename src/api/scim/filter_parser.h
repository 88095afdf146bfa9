#pragma once

#include "api/scim/filter.h"

namespace wardlock::scim {

/// Reads filters, and what PATCH paths have of them. One use.
class FilterParser {
 public:
  /// `text` outlives the parser. Errors are of type `error`.
  FilterParser(std::string_view text, const FilterLimits& limits, ErrorType error)
      : text_(text), limits_(limits), error_(error) {}

  /// The whole text as a filter.
  Outcome<Filter> read_filter();

  /// `path`, `path[filter]` or `path[filter].sub`, as the whole text.
  struct Path {
    AttributePath path;
    std::unique_ptr<Filter> filter;  ///< may be null
    std::string sub_attribute;       ///< behind the bracket
  };
  Outcome<Path> read_path();

 private:
  Outcome<Filter> read_disjunction();
  Outcome<Filter> read_conjunction();
  Outcome<Filter> read_factor();
  Outcome<Filter> read_group();
  Outcome<Filter> read_attribute_expression();
  Outcome<std::unique_ptr<Filter>> read_value_filter();
  Outcome<AttributePath> read_attribute_path();
  Outcome<FilterOperator> read_operator();
  Outcome<codec::Json> read_value();

  void skip_blanks();
  std::string_view peek_word() const;
  /// Skips the word if it comes next, in any case.
  bool take_word(std::string_view word);
  bool take(char c);
  char next() const { return place_ < text_.size() ? text_[place_] : '\0'; }
  bool is_at_end() const { return place_ == text_.size(); }
  std::unexpected<ScimError> fail(std::size_t place, std::string_view message) const;

  std::string_view text_;
  const FilterLimits& limits_;
  ErrorType error_;
  std::size_t place_ = 0;
  std::size_t depth_ = 0;
  std::size_t comparisons_ = 0;
  bool is_in_value_ = false;
};

}  // namespace wardlock::scim
