#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "base/arena.h"
#include "base/error.h"
#include "cedar/schema/schema.h"
#include "cedar/value/value.h"
#include "pdp/access.h"
#include "pdp/notes.h"

namespace wardlock::pdp {

struct RequestContext {
  cedar::Value value;
  /// It is known to be as the schema declares it: all that must be there is, and filled by the PDP,
  /// which `check_reserved_context` has held against the schema.
  bool fits = false;
};

/// The context of a request: what the caller says, and the keys the PDP fills itself. `action` is
/// the schema's, or null where there is no schema; keys it does not declare are left out and noted.
Result<RequestContext> build_context(const cedar::ActionType* action, const AccessRequest& access,
                                     std::int64_t now, Arena& arena, Notes& notes);

/// The context keys that the PDP fills for every request, with their values, which borrow from what
/// they are made of. Where there is a schema they count only where the action's context declares
/// them.
std::array<cedar::Field, 3> filled_context(std::string_view pep,
                                           const Authentication& authentication, std::int64_t now,
                                           Arena& arena);

/// The value of `context.authentication`. Borrows the methods.
cedar::Value authentication_value(const Authentication& authentication, Arena& arena);

/// The context with another authentication in the place of the one that it has. In the arena.
cedar::Value with_authentication(const cedar::Value& context, const Authentication& authentication,
                                 Arena& arena);

/// Whether the schema declares the context keys that the PDP fills with the types it fills them
/// with. Error: the first that does not fit.
Result<void> check_reserved_context(const cedar::Schema& schema);

}  // namespace wardlock::pdp
