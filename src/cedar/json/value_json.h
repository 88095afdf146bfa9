#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "base/arena.h"
#include "base/error.h"
#include "cedar/schema/schema.h"
#include "cedar/value/value.h"
#include "codec/json.h"

namespace wardlock::cedar {

struct ValueJsonOptions {
  /// Whether `{"__entity": …}` and `{"__extn": …}` count where no type is expected. Not for what
  /// comes from outside: there a record stays a record unless the schema expects something else.
  bool escapes_count = true;
  /// Whether an attribute that is null is as if it were not there; it is an error otherwise.
  bool null_is_absent = false;
  /// Whether entity ids must be fit to come from outside (base/identifier.h).
  bool checks_ids = false;
  std::size_t max_depth = 500;  ///< nesting of sets and records
  /// Makes the entity uids, where they are to be shared; without it each is made anew.
  std::function<const EntityUid*(std::string_view type, std::string_view id)> make_uid = {};
};

/// Reads a value. What is allocated is in `arena`. `where` is the place for messages, e.g.
/// `context`; they add the path inside it, e.g. `context.location.ward`.
///
/// Without `expected`, or where it is a bool, long or string, the JSON alone says what the value
/// is. Where an entity is expected, `{"type": …, "id": …}` is one; where an extension type is
/// expected, a string is the argument of its constructor; where a record is expected, it must have
/// the required attributes and no undeclared ones. That the value is of the type is not checked
/// further: see `check_value`.
///
/// Errors: null, a number that is no 64-bit integer, an argument that the constructor refuses, and
/// what does not fit an expected entity, extension type, set or record.
Result<Value> value_from_json(const codec::Json& json, const Type* expected, Arena& arena,
                              std::string_view where, const ValueJsonOptions& options = {});

/// Reads `{"type": …, "id": …}` or the same in `{"__entity": …}`.
Result<const EntityUid*> uid_from_json(const codec::Json& json, Arena& arena,
                                       std::string_view where,
                                       const ValueJsonOptions& options = {});

/// The value with explicit escapes, which `value_from_json` reads without a type. Error: a record
/// has a field that would be read as an escape.
Result<codec::Json> value_to_json(const Value& value);

/// `{"type": …, "id": …}`.
codec::Json uid_to_json(const EntityUid& uid);

}  // namespace wardlock::cedar
