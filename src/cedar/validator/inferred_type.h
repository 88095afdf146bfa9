#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "cedar/value/value.h"

namespace wardlock::cedar {

struct InferredAttribute;

/// What is known of an expression's value in one request environment. Beyond the schema's `Type` it
/// says what is always true or always false, which of several types an entity may be of, and that a
/// record may have more attributes than are known (the last two in permissive mode only).
///
/// INVARIANT: made by a `TypePool` alone, where equal types are one object.
struct InferredType {
  Kind kind;
  std::optional<bool> constant = {};                    ///< of kBool: its only value, if known
  std::span<const std::string_view> entity_types = {};  ///< of kEntity: one or more, sorted
  const InferredType* element = nullptr;                ///< of kSet; null if it is always empty
  std::span<const InferredAttribute> attributes = {};   ///< of kRecord, sorted by name
  bool is_open = false;                                 ///< of kRecord: there may be others

  bool is(Kind k) const { return kind == k; }
  bool is_always(bool value) const { return constant == value; }
  /// The record's attribute, or null.
  const InferredAttribute* find_attribute(std::string_view name) const;
};

struct InferredAttribute {
  std::string_view name;
  const InferredType* type;
  bool is_required;
};

/// How messages name a type, e.g. `set of long`; deep and wide records are cut short.
std::string to_string(const InferredType& type);

}  // namespace wardlock::cedar
