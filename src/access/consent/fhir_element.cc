#include "access/consent/fhir_element.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/utf8.h"

namespace wardlock::access {

std::unexpected<Error> FhirElement::fault(std::string_view why) const {
  return invalid(fmt::format("`{}` {}", path_, why));
}

Result<void> FhirElement::check_members(std::initializer_list<std::string_view> known) const {
  if (!is_there() || !value_->is_object()) return fault("must be an object");
  for (const auto& member : value_->get_object()) {
    const std::string_view name = member.key();
    if (std::ranges::find(known, name) != known.end()) continue;
    const FhirElement unknown(&member.value(), fmt::format("{}.{}", path_, printable(name)));
    return unknown.fault("is not understood here, and what is not understood is not kept");
  }
  return {};
}

FhirElement FhirElement::operator[](std::string_view name) const {
  return {value_->get_object().if_contains(name), fmt::format("{}.{}", path_, name)};
}

Result<std::vector<FhirElement>> FhirElement::members() const {
  std::vector<FhirElement> all;
  if (!is_there()) return all;
  if (!value_->is_array() || value_->get_array().empty()) {
    return fault("must be a list that is not empty");
  }
  for (const codec::Json& each : value_->get_array()) {
    all.emplace_back(&each, fmt::format("{}[{}]", path_, all.size()));
  }
  return all;
}

Result<std::string> FhirElement::text() const {
  if (!is_there()) return fault("is missing");
  if (!value_->is_string() || value_->get_string().empty()) return fault("must be a text");
  return std::string(value_->get_string());
}

Result<FhirCode> coding_in(const FhirElement& element) {
  TRY_VOID(element.check_members({"id", "system", "version", "code", "display", "userSelected"}));
  return FhirCode{.system = TRY(element["system"].text()), .code = TRY(element["code"].text())};
}

Result<FhirCode> concept_in(const FhirElement& element) {
  TRY_VOID(element.check_members({"id", "coding", "text"}));
  const auto codings = TRY(element["coding"].members());
  if (codings.size() != 1) return element["coding"].fault("must have one coding");
  return coding_in(codings.front());
}

}  // namespace wardlock::access
