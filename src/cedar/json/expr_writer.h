#pragma once

#include <cstddef>

#include "cedar/ast/expr.h"
#include "codec/json.h"

namespace wardlock::cedar {

/// The expression as policy JSON. `level` says how deep in its document it will stand. Error: the
/// document would nest deeper than `kPolicyJsonLimits` allows.
Result<codec::Json> write_expression(const Expr& expression, std::size_t level);

/// Never a null pointer: Boost.JSON copies keys from it even if there is nothing to copy.
inline boost::json::string_view to_json_view(std::string_view text) {
  if (text.empty()) return "";
  return {text.data(), text.size()};
}

/// `{"type": …, "id": …}`.
codec::Json write_uid(const EntityUid& uid);

}  // namespace wardlock::cedar
