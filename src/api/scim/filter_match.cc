#include <algorithm>
#include <compare>
#include <optional>

#include "api/scim/filter.h"
#include "api/scim/members.h"

namespace wardlock::scim {
namespace {

using codec::Json;

char folded(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string folded(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) { return folded(c); });
  return out;
}

/// Nothing where the two are not of one kind.
std::optional<std::partial_ordering> compare(const Json& a, const Json& b) {
  if (a.is_string() && b.is_string()) {
    return folded(a.as_string()) <=> folded(b.as_string());
  }
  if (a.is_bool() && b.is_bool()) return a.as_bool() <=> b.as_bool();
  if (a.is_int64() && b.is_int64()) return a.as_int64() <=> b.as_int64();
  if (a.is_number() && b.is_number()) return a.to_number<double>() <=> b.to_number<double>();
  return std::nullopt;
}

bool holds_text(FilterOperator operation, const Json& found, const Json& wanted) {
  if (!found.is_string() || !wanted.is_string()) return false;
  const std::string text = folded(found.as_string());
  const std::string part = folded(wanted.as_string());
  if (operation == FilterOperator::kContains) return text.contains(part);
  return operation == FilterOperator::kStartsWith ? text.starts_with(part) : text.ends_with(part);
}

bool holds_for_one(FilterOperator operation, const Json& found, const Json& wanted) {
  using enum FilterOperator;
  if (operation == kContains || operation == kStartsWith || operation == kEndsWith) {
    return holds_text(operation, found, wanted);
  }
  const auto order = compare(found, wanted);
  if (!order) return false;
  switch (operation) {
    case kEqual: return *order == 0;
    case kGreater: return *order > 0;
    case kGreaterOrEqual: return *order >= 0;
    case kLess: return *order < 0;
    case kLessOrEqual: return *order <= 0;
    default: return false;
  }
}

bool is_present(const Json& value) {
  if (value.is_null()) return false;
  if (value.is_array()) return std::ranges::any_of(value.as_array(), is_present);
  if (value.is_object()) return !value.as_object().empty();
  return true;
}

/// Of a complex value without a sub-attribute, its `value` is meant (RFC 7644, 3.4.2.2).
const Json* simple(const Json& value, std::string_view sub_attribute) {
  if (!value.is_object()) return sub_attribute.empty() ? &value : nullptr;
  return find_member(value.as_object(), sub_attribute.empty() ? "value" : sub_attribute);
}

/// Whether one of the attribute's values is as the comparison says.
bool holds(const Comparison& comparison, const Json& attribute) {
  if (attribute.is_array()) {
    return std::ranges::any_of(attribute.as_array(),
                               [&](const Json& each) { return holds(comparison, each); });
  }
  const bool is_presence = comparison.operation == FilterOperator::kPresent;
  if (is_presence && comparison.path.sub_attribute.empty()) return is_present(attribute);
  const Json* value = simple(attribute, comparison.path.sub_attribute);
  if (value == nullptr) return false;
  if (is_presence) return is_present(*value);
  return holds_for_one(comparison.operation, *value, comparison.value);
}

class Matcher {
 public:
  explicit Matcher(const boost::json::object& resource) : resource_(resource) {}

  bool operator()(const Comparison& comparison) const {
    Comparison asked = comparison;
    const bool is_negated = asked.operation == FilterOperator::kNotEqual;
    if (is_negated) asked.operation = FilterOperator::kEqual;
    const bool is_about_nothing =
        asked.operation == FilterOperator::kEqual && asked.value.is_null();
    if (is_about_nothing) asked.operation = FilterOperator::kPresent;
    const Json* attribute = find_attribute(resource_, asked.path);
    const bool is_held = attribute != nullptr && holds(asked, *attribute);
    return is_held != (is_negated != is_about_nothing);
  }
  bool operator()(const Conjunction& all) const {
    return std::ranges::all_of(all.parts, [&](const Filter& part) { return is_so(part); });
  }
  bool operator()(const Disjunction& any) const {
    return std::ranges::any_of(any.parts, [&](const Filter& part) { return is_so(part); });
  }
  bool operator()(const Negation& negation) const { return !is_so(*negation.part); }
  bool operator()(const ValueFilter& value) const {
    const Json* attribute = find_attribute(resource_, value.path);
    if (attribute == nullptr) return false;
    const auto is_meant = [&](const Json& each) { return matches_value(*value.part, each); };
    if (attribute->is_array()) return std::ranges::any_of(attribute->as_array(), is_meant);
    return is_meant(*attribute);
  }

 private:
  bool is_so(const Filter& filter) const { return std::visit(*this, filter.node); }

  const boost::json::object& resource_;
};

}  // namespace

bool matches(const Filter& filter, const boost::json::object& resource) {
  return std::visit(Matcher(resource), filter.node);
}

bool matches_value(const Filter& filter, const Json& value) {
  if (value.is_object()) return matches(filter, value.as_object());
  return matches(filter, boost::json::object{{"value", value}});
}

}  // namespace wardlock::scim
