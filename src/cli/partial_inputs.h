#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/arena.h"
#include "base/error.h"
#include "cedar/partial/partial_evaluator.h"
#include "cedar/schema/schema.h"
#include "cli/command_builder.h"

namespace wardlock::cli {

/// A request as the options give it, parts of it by their type alone. Empty is absent.
struct PartialRequestInput {
  std::string principal, principal_type, principal_eid;
  std::string action;
  std::string resource, resource_type, resource_eid;
  std::string context;
};

/// Declares `--principal`, `--principal-type`, `--principal-eid`, the same of the resource,
/// `--action` and `--context`.
void add_partial_request(CommandBuilder& command, PartialRequestInput& input);

/// Builds the request, in `arena`. With `now`, keys that the PDP fills are added to a known context
/// where they are absent. Error: a part is missing or malformed, or (kFailedPrecondition) it does
/// not fit the schema.
Result<cedar::PartialRequest> load_partial_request(const PartialRequestInput& input,
                                                   const cedar::Schema& schema,
                                                   std::optional<std::int64_t> now, Arena& arena);

}  // namespace wardlock::cli
