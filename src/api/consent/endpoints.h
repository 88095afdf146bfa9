#pragma once

#include <string_view>

#include "administration/errand.h"
#include "net/http.h"

namespace wardlock::consent_api {

/// Below which everything is.
inline constexpr std::string_view kPrefix = "/fhir/";

/// Answers a request whose path begins with `kPrefix`, the tenant's base path taken off
/// (docs/consent.md; HL7 FHIR R4, 3.1). Refusals are OperationOutcomes. May wait for the database,
/// and until decisions see what was entered or withdrawn. The response comes as new. Thread-safe,
/// as far as the errand is.
void answer(const net::HttpRequest& request, const administration::Errand& errand,
            net::HttpResponse& response);

}  // namespace wardlock::consent_api
