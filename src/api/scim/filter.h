#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "api/scim/attribute_path.h"
#include "api/scim/error.h"
#include "codec/json.h"

namespace wardlock::scim {

// Filters: RFC 7644, 3.4.2.2.

enum class FilterOperator : std::uint8_t {
  kEqual,
  kNotEqual,
  kContains,
  kStartsWith,
  kEndsWith,
  kGreater,
  kGreaterOrEqual,
  kLess,
  kLessOrEqual,
  kPresent,  ///< has no value
};

/// As it is written: `eq`.
std::string_view to_string(FilterOperator operation);

struct Filter;

struct Comparison {
  AttributePath path;
  FilterOperator operation = FilterOperator::kPresent;
  codec::Json value;  ///< a string, number, boolean or null
};
/// All of two or more.
struct Conjunction {
  std::vector<Filter> parts;
};
/// One of two or more.
struct Disjunction {
  std::vector<Filter> parts;
};
struct Negation {
  std::unique_ptr<Filter> part;
};
/// One value of a multi-valued attribute is as `part` says, whose paths are those of the value.
struct ValueFilter {
  AttributePath path;
  std::unique_ptr<Filter> part;
};

struct Filter {
  std::variant<Comparison, Conjunction, Disjunction, Negation, ValueFilter> node;
};

/// What strangers send must have limits.
struct FilterLimits {
  std::size_t max_bytes = std::size_t{8} << 10;
  std::size_t max_depth = 20;  ///< of brackets
  std::size_t max_comparisons = 200;
};

/// Error: kInvalidFilter, with the character where it goes wrong and what was expected there.
Outcome<Filter> parse_filter(std::string_view text, const FilterLimits& limits = {});

/// The filter as text: parsed again, it is the same.
std::string to_string(const Filter& filter);

/// Whether the resource, or the value of a multi-valued attribute, is as the filter says. Strings
/// are compared without regard to the case of ASCII's letters. Schemas of paths are members of the
/// object where it has them, and else not looked at.
bool matches(const Filter& filter, const boost::json::object& resource);

}  // namespace wardlock::scim
