#pragma once

#include <string_view>

#include "base/error.h"
#include "codec/json.h"
#include "net/http.h"

namespace wardlock::consent_api {

/// Makes the resource the answer, which nobody keeps.
void write_resource(const codec::Json& resource, net::HttpResponse& response);

/// Makes an OperationOutcome the answer, and nothing else (FHIR R4, 3.1.0.1.5). `diagnostics` that
/// begin with an element in backticks name it as `expression`, too.
void refuse(int status, std::string_view diagnostics, net::HttpResponse& response);
/// The same of an error: kAborted is 412, kFailedPrecondition 409.
void refuse(const Error& error, net::HttpResponse& response);

}  // namespace wardlock::consent_api
