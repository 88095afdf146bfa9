#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "codec/json.h"

namespace wardlock::directory {

/// Where something stands in a FHIR resource: names of elements with dots between them, such as
/// `location.location`, a small part of FHIRPath. It begins at an element of the resource, or with
/// `%resource` at the resource itself, and goes through lists. Empty: nowhere.
class ElementPath {
 public:
  ElementPath() = default;
  /// Error kInvalidArgument: it is no such path, or has more than eight steps.
  static Result<ElementPath> parse(std::string_view text);

  bool empty() const { return steps_.empty() && !begins_at_resource_; }
  /// All that it leads to, in order. Borrowed from the resource.
  std::vector<const codec::Json*> find(const codec::Json& element,
                                       const codec::Json& resource) const;
  /// The first of it that is a text; empty: there is none.
  std::string_view find_text(const codec::Json& element, const codec::Json& resource) const;

 private:
  std::vector<std::string> steps_;
  bool begins_at_resource_ = false;
};

}  // namespace wardlock::directory
