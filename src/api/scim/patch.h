#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "api/scim/attribute_path.h"
#include "api/scim/error.h"
#include "api/scim/filter.h"
#include "codec/json.h"

namespace wardlock::scim {

// PATCH: RFC 7644, 3.5.2.

/// What a PATCH has to know of an attribute.
struct AttributeTraits {
  std::string name = {};       ///< as documents spell it
  std::string container = {};  ///< the extension's schema, whose member it is in; empty: none
  bool is_multi_valued = false;
  bool is_complex = false;
  bool is_read_only = false;
  bool is_required = false;
};

/// The traits of an attribute, or of a sub-attribute; nothing where the schema has none of that
/// name.
using FindTraits = std::function<std::optional<AttributeTraits>(const AttributePath&)>;

struct PatchPath {
  AttributePath path;              ///< before a filter without a sub-attribute
  std::unique_ptr<Filter> filter;  ///< which of the values; null: all
  std::string sub_attribute;       ///< behind the filter, or of `path`; may be empty
};

enum class PatchKind : std::uint8_t { kAdd, kReplace, kRemove };

struct PatchOperation {
  PatchKind kind = PatchKind::kAdd;
  std::optional<PatchPath> path;  ///< nothing: the resource itself
  codec::Json value;              ///< of a removal: what it came with, which is not RFC 7644's
  std::size_t place = 0;          ///< in the request, for messages
};

struct PatchLimits {
  std::size_t max_operations = 1000;
  FilterLimits path;
};

/// Reads the body of a PATCH request. Errors: kInvalidSyntax, kInvalidPath, kInvalidValue, or
/// kNoTarget for a `remove` without a path; the message names the operation.
Outcome<std::vector<PatchOperation>> parse_patch(const codec::Json& body,
                                                 const PatchLimits& limits = {});

/// The resource after all of the operations, in their order. Errors, after which nothing is
/// changed: kInvalidPath (no such attribute), kInvalidValue, kMutability (read-only, or required
/// and removed), kNoTarget (a filter that no value matches). Attributes that stay the same for good
/// are left to whoever compares the two.
Outcome<boost::json::object> apply_patch(const boost::json::object& resource,
                                         const std::vector<PatchOperation>& operations,
                                         const FindTraits& find_traits);

}  // namespace wardlock::scim
