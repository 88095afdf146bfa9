#pragma once

#include <cstdint>

#include "access/delegation/kept_delegation.h"
#include "api/delegation/call.h"

namespace wardlock::delegation_api {

/// As answers have it: docs/delegation.md.
boost::json::object to_json(const access::KeptDelegation& delegation, std::int64_t now_ms);

// Each answers one request of the table in endpoints.cc. Errors become problems there.

Result<void> make_delegation(const DelegationCall& call, net::HttpResponse& response);
Result<void> list_delegations(const DelegationCall& call, net::HttpResponse& response);
Result<void> list_own_delegations(const DelegationCall& call, net::HttpResponse& response);
Result<void> show_delegation(const DelegationCall& call, net::HttpResponse& response);
Result<void> revoke_delegation(const DelegationCall& call, net::HttpResponse& response);

}  // namespace wardlock::delegation_api
