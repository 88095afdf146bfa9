#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "directory/registry/edit.h"

namespace wardlock::oauth {

/// Whoever entered a client, or was let in as somebody, could act with the roles of administration
/// that its service or that person gets later. So with such a role, in the transaction that gives
/// it, each client that is one of these things is disabled and loses its secrets, until somebody
/// who may give it all that enables it; and all ends that was granted by these people or to these
/// clients. For `directory::Surroundings::promoted`. Errors: those of the store; kDataLoss, what is
/// kept is no client.
Result<void> end_what_the_promoted_had(directory::Edit& edit,
                                       const std::vector<std::string>& promoted);

}  // namespace wardlock::oauth
