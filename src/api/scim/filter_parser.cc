#include "api/scim/filter_parser.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <system_error>
#include <utility>

#include "base/utf8.h"

namespace wardlock::scim {
namespace {

struct OperatorWord {
  std::string_view word;
  FilterOperator operation;
};
constexpr std::array kOperators = std::to_array<OperatorWord>({
    {"eq", FilterOperator::kEqual},
    {"ne", FilterOperator::kNotEqual},
    {"co", FilterOperator::kContains},
    {"sw", FilterOperator::kStartsWith},
    {"ew", FilterOperator::kEndsWith},
    {"gt", FilterOperator::kGreater},
    {"ge", FilterOperator::kGreaterOrEqual},
    {"lt", FilterOperator::kLess},
    {"le", FilterOperator::kLessOrEqual},
    {"pr", FilterOperator::kPresent},
});

bool is_about_text(FilterOperator operation) {
  using enum FilterOperator;
  return operation == kContains || operation == kStartsWith || operation == kEndsWith;
}

bool is_about_order(FilterOperator operation) {
  using enum FilterOperator;
  return operation == kGreater || operation == kGreaterOrEqual || operation == kLess ||
         operation == kLessOrEqual;
}

/// Where the JSON string that begins at `begin` ends; npos if it does not.
std::size_t end_of_string(std::string_view text, std::size_t begin) {
  for (std::size_t place = begin + 1; place < text.size(); ++place) {
    if (text[place] == '"') return place + 1;
    if (text[place] == '\\') ++place;
  }
  return std::string_view::npos;
}

/// The double that is nearest: Boost.JSON's may be the one beside it, and print as another.
bool read_exactly(std::string_view literal, double& number) {
  const auto read = std::from_chars(literal.data(), literal.data() + literal.size(), number);
  return read.ec == std::errc() && std::isfinite(number);
}

bool ends_literal(char c) { return c == ' ' || c == ')' || c == ']'; }

}  // namespace

std::string_view to_string(FilterOperator operation) {
  const auto* found = std::ranges::find(kOperators, operation, &OperatorWord::operation);
  return found == kOperators.end() ? "" : found->word;
}

std::unexpected<ScimError> FilterParser::fail(std::size_t place, std::string_view message) const {
  const std::uint32_t column = 1 + count_code_points(text_.substr(0, place));
  return refuse(error_, fmt::format("character {}: {}", column, message));
}

void FilterParser::skip_blanks() {
  while (next() == ' ') ++place_;
}

bool FilterParser::take(char c) {
  if (next() != c || is_at_end()) return false;
  ++place_;
  return true;
}

std::string_view FilterParser::peek_word() const {
  const std::string_view rest = text_.substr(place_);
  return {rest.begin(), std::ranges::find_if_not(rest, is_path_character)};
}

bool FilterParser::take_word(std::string_view word) {
  if (!is_same_name(peek_word(), word)) return false;
  place_ += word.size();
  return true;
}

Outcome<Filter> FilterParser::read_filter() {
  if (text_.size() > limits_.max_bytes) {
    return refuse(error_, fmt::format("a filter has at most {} bytes, and this {}",
                                      limits_.max_bytes, text_.size()));
  }
  if (const auto wrong = find_invalid_utf8(text_)) return fail(*wrong, "this is not UTF-8");
  Filter filter = TRY(read_disjunction());
  skip_blanks();
  if (!is_at_end()) return fail(place_, "expected `and`, `or` or the end of the filter");
  return filter;
}

Outcome<FilterParser::Path> FilterParser::read_path() {
  if (text_.size() > limits_.max_bytes) {
    return refuse(error_, fmt::format("a path has at most {} bytes, and this {}", limits_.max_bytes,
                                      text_.size()));
  }
  if (const auto wrong = find_invalid_utf8(text_)) return fail(*wrong, "this is not UTF-8");
  Path path;
  path.path = TRY(read_attribute_path());
  if (next() == '[') {
    if (!path.path.sub_attribute.empty())
      return fail(place_, "a sub-attribute has no values to choose");
    path.filter = TRY(read_value_filter());
    if (take('.')) {
      path.sub_attribute = peek_word();
      if (!is_attribute_name(path.sub_attribute)) {
        return fail(place_, "expected the name of a sub-attribute");
      }
      place_ += path.sub_attribute.size();
    }
  }
  if (!is_at_end()) return fail(place_, "expected the end of the path");
  return path;
}

Outcome<Filter> FilterParser::read_disjunction() {
  std::vector<Filter> parts;
  do {
    parts.push_back(TRY(read_conjunction()));
    skip_blanks();
  } while (take_word("or"));
  if (parts.size() == 1) return std::move(parts.front());
  return Filter{Disjunction{std::move(parts)}};
}

Outcome<Filter> FilterParser::read_conjunction() {
  std::vector<Filter> parts;
  do {
    parts.push_back(TRY(read_factor()));
    skip_blanks();
  } while (take_word("and"));
  if (parts.size() == 1) return std::move(parts.front());
  return Filter{Conjunction{std::move(parts)}};
}

Outcome<Filter> FilterParser::read_factor() {
  skip_blanks();
  if (next() == '(') return read_group();
  const std::size_t begin = place_;
  if (take_word("not")) {
    skip_blanks();
    if (next() == '(') {
      auto part = std::make_unique<Filter>(TRY(read_group()));
      return Filter{Negation{std::move(part)}};
    }
    place_ = begin;  // an attribute may be called so
  }
  return read_attribute_expression();
}

Outcome<Filter> FilterParser::read_group() {
  const std::size_t begin = place_;
  if (++depth_ > limits_.max_depth) {
    return fail(begin,
                fmt::format("brackets stand in brackets more than {} deep", limits_.max_depth));
  }
  ++place_;
  Filter inside = TRY(read_disjunction());
  skip_blanks();
  if (!take(')')) return fail(place_, "expected `)`");
  --depth_;
  return inside;
}

Outcome<Filter> FilterParser::read_attribute_expression() {
  const std::size_t begin = place_;
  AttributePath path = TRY(read_attribute_path());
  if (next() == '[') {
    if (is_in_value_) return fail(place_, "a value's filter holds no other value's filter");
    auto part = TRY(read_value_filter());
    return Filter{ValueFilter{std::move(path), std::move(part)}};
  }
  if (++comparisons_ > limits_.max_comparisons) {
    return fail(begin, fmt::format("a filter has at most {} comparisons", limits_.max_comparisons));
  }
  Comparison comparison{.path = std::move(path), .operation = TRY(read_operator()), .value = {}};
  if (comparison.operation == FilterOperator::kPresent) return Filter{std::move(comparison)};
  if (next() != ' ') return fail(place_, "expected a blank and a value");
  skip_blanks();
  const std::size_t value = place_;
  comparison.value = TRY(read_value());
  if (is_about_text(comparison.operation) && !comparison.value.is_string()) {
    return fail(value, fmt::format("`{}` compares with a string", to_string(comparison.operation)));
  }
  if (is_about_order(comparison.operation) && !comparison.value.is_string() &&
      !comparison.value.is_number()) {
    return fail(value, fmt::format("`{}` compares with a string or a number",
                                   to_string(comparison.operation)));
  }
  return Filter{std::move(comparison)};
}

Outcome<std::unique_ptr<Filter>> FilterParser::read_value_filter() {
  ++place_;
  is_in_value_ = true;
  auto part = std::make_unique<Filter>(TRY(read_disjunction()));
  is_in_value_ = false;
  skip_blanks();
  if (!take(']')) return fail(place_, "expected `]`");
  return part;
}

Outcome<AttributePath> FilterParser::read_attribute_path() {
  const std::string_view word = peek_word();
  if (word.empty()) return fail(place_, "expected the name of an attribute");
  auto path = parse_attribute_path(word);
  if (!path) return fail(place_, path.error().message);
  place_ += word.size();
  return *std::move(path);
}

Outcome<FilterOperator> FilterParser::read_operator() {
  if (next() != ' ') return fail(place_, "expected a blank and an operator, such as `eq`");
  skip_blanks();
  const std::string_view word = peek_word();
  for (const OperatorWord& each : kOperators) {
    if (take_word(each.word)) return each.operation;
  }
  return fail(place_,
              fmt::format("`{}` is no operator; there are eq, ne, co, sw, ew, gt, ge, lt, le "
                          "and pr",
                          word));
}

Outcome<codec::Json> FilterParser::read_value() {
  const std::size_t begin = place_;
  std::size_t end = begin;
  if (next() == '"') {
    end = end_of_string(text_, begin);
    if (end == std::string_view::npos) return fail(begin, "this string does not end");
  } else {
    while (end < text_.size() && !ends_literal(text_[end])) ++end;
  }
  const std::string_view literal = text_.substr(begin, end - begin);
  auto value = codec::parse_json(literal, {.max_depth = 1});
  if (!value || value->is_object() || value->is_array()) {
    return fail(begin, "expected a string in double quotes, a number, `true`, `false` or `null`");
  }
  if (value->is_double() && !read_exactly(literal, value->as_double())) {
    return fail(begin, "this number is too large");
  }
  place_ = end;
  return *std::move(value);
}

Outcome<Filter> parse_filter(std::string_view text, const FilterLimits& limits) {
  return FilterParser(text, limits, ErrorType::kInvalidFilter).read_filter();
}

}  // namespace wardlock::scim
