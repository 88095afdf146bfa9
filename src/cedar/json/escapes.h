#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "codec/json.h"

namespace wardlock::cedar {

// The shapes by which JSON data says what JSON has no type for. What has another shape is no error
// but plain data. All borrow from the JSON.

/// The value of the object's only key, if that is `key`; null otherwise.
const codec::Json* only_member(const boost::json::object& object, std::string_view key);

/// `{"type": …, "id": …}`; other keys are ignored.
struct TypeAndId {
  std::string_view type;
  std::string_view id;
};
/// Nothing if `json` is null or of another shape.
std::optional<TypeAndId> as_type_and_id(const codec::Json* json);

/// `{"fn": …, "arg": …}` or `{"fn": …, "args": […]}`; `arg` wins, other keys are ignored.
struct CallEscape {
  std::string_view function;
  std::vector<const codec::Json*> arguments;
  bool is_list;  ///< written with `args`
};
/// Nothing if `json` is null or of another shape.
std::optional<CallEscape> as_call(const codec::Json* json);

/// `{"__expr": "…"}`, which Cedar once read.
bool is_expr_escape(const boost::json::object& object);

}  // namespace wardlock::cedar
