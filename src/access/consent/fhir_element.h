#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "codec/json.h"

namespace wardlock::access {

/// An element of a FHIR document, and where it is. Its faults are kInvalidArgument, in words that
/// begin with the element in backticks. Borrows, for the reading.
class FhirElement {
 public:
  FhirElement(const codec::Json* value, std::string path) : value_(value), path_(std::move(path)) {}

  const std::string& path() const { return path_; }
  const codec::Json& value() const { return *value_; }
  bool is_there() const { return value_ != nullptr; }
  std::unexpected<Error> fault(std::string_view why) const;

  /// Error: it is no object, or has members besides these.
  Result<void> check_members(std::initializer_list<std::string_view> known) const;
  /// The member; `is_there` tells whether there is one. Requires an object.
  FhirElement operator[](std::string_view name) const;
  /// Of an array its members; none where it is not there. Error: it is no array, or an empty one.
  Result<std::vector<FhirElement>> members() const;
  /// Error: it is not there, or no text.
  Result<std::string> text() const;

 private:
  const codec::Json* value_;
  std::string path_;
};

/// A Coding of a system that is understood.
struct FhirCode {
  std::string system;
  std::string code;
};

/// A Coding. Error: it has no system, or no code.
Result<FhirCode> coding_in(const FhirElement& element);
/// The only Coding of a CodeableConcept. Error: it has none, or several.
Result<FhirCode> concept_in(const FhirElement& element);

}  // namespace wardlock::access
