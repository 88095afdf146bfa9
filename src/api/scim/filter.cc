#include "api/scim/filter.h"

#include <fmt/format.h>

namespace wardlock::scim {
namespace {

/// With a fraction or an exponent, so that it is read as a double again.
std::string shortest(double number) {
  const std::string text = fmt::format("{}", number);
  return text.find_first_of(".e") == std::string::npos ? text + ".0" : text;
}

std::string in_brackets(const Filter& filter) { return "(" + to_string(filter) + ")"; }

std::string joined(const std::vector<Filter>& parts, std::string_view word, bool is_conjunction) {
  std::string text;
  for (const Filter& part : parts) {
    if (!text.empty()) text += word;
    const bool is_same = is_conjunction ? std::holds_alternative<Conjunction>(part.node)
                                        : std::holds_alternative<Disjunction>(part.node);
    const bool binds_less = is_conjunction && std::holds_alternative<Disjunction>(part.node);
    text += is_same || binds_less ? in_brackets(part) : to_string(part);
  }
  return text;
}

struct Printer {
  std::string operator()(const Comparison& comparison) const {
    std::string text =
        fmt::format("{} {}", to_string(comparison.path), to_string(comparison.operation));
    if (comparison.operation == FilterOperator::kPresent) return text;
    if (comparison.value.is_double()) return text + " " + shortest(comparison.value.as_double());
    return text + " " + codec::to_json_text(comparison.value);
  }
  std::string operator()(const Conjunction& all) const { return joined(all.parts, " and ", true); }
  std::string operator()(const Disjunction& any) const { return joined(any.parts, " or ", false); }
  std::string operator()(const Negation& negation) const {
    return "not " + in_brackets(*negation.part);
  }
  std::string operator()(const ValueFilter& value) const {
    return fmt::format("{}[{}]", to_string(value.path), to_string(*value.part));
  }
};

}  // namespace

std::string to_string(const Filter& filter) { return std::visit(Printer{}, filter.node); }

}  // namespace wardlock::scim
