#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "api/admin/asked.h"
#include "directory/registry/edit.h"

namespace wardlock::admin {

/// What a change has led to, and is to be answered.
struct Done {
  int status = 200;
  std::optional<codec::Json> body = {};       ///< nothing: there is nothing to say
  std::optional<std::uint64_t> version = {};  ///< of what the body shows
  std::string location = {};                  ///< of what is new, below the tenant's base
  std::string thing = {};                     ///< of whom the answer tells
  bool is_secret = false;                     ///< the body has what is shown once
};

/// What is to be done, after the gate was asked. May run more than once.
using Change = std::function<Answered<Done>(directory::Edit&)>;

/// A change that was made, or tried.
struct Made {
  Done done;
  std::uint64_t revision = 0;  ///< from which on it is seen
  bool is_dry_run = false;
};

/// Makes a change.
/// - `reason` is why; where it is empty, what the errand says.
/// - `dryRun=true`: it is answered as if it were made, and is not.
/// - `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header): who sends the same again within
///   a day is answered the same, and nothing is done twice. The answer is kept with the change, in
///   its transaction; its secret sealed, or where the directory keeps no secrets not at all: then
///   the second time is refused.
/// - `If-Match` that fails is 412.
Answered<Made> make_change(const Asked& asked, const std::string& reason, const Change& change);

/// Answers what was made.
void write_made(const Asked& asked, const Made& made, net::HttpResponse& response);

/// Both.
Answered<void> carry_out(const Asked& asked, const std::string& reason, const Change& change,
                         net::HttpResponse& response);

}  // namespace wardlock::admin
