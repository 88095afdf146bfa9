#pragma once

#include <string>
#include <string_view>

#include "access/consent/consent_desk.h"
#include "administration/errand.h"
#include "base/error.h"
#include "net/http.h"

namespace wardlock::consent_api {

/// What is asked, as its path and body have it. Borrows, for one request.
struct ConsentCall {
  const net::HttpRequest& request;
  const administration::Errand& errand;
  access::ConsentDesk& desk;
  std::string_view id = {};  ///< of the consent that the path names

  const std::string& tenant() const { return errand.mandate.tenant; }
};

// Each answers one request of the table in endpoints.cc. Errors become OperationOutcomes there.

/// The CapabilityStatement, which is no secret.
Result<void> describe(const ConsentCall& call, net::HttpResponse& response);
Result<void> enter_consent(const ConsentCall& call, net::HttpResponse& response);
Result<void> search_consents(const ConsentCall& call, net::HttpResponse& response);
Result<void> show_consent(const ConsentCall& call, net::HttpResponse& response);
Result<void> replace_consent(const ConsentCall& call, net::HttpResponse& response);
Result<void> withdraw_consent(const ConsentCall& call, net::HttpResponse& response);
Result<void> list_versions(const ConsentCall& call, net::HttpResponse& response);

}  // namespace wardlock::consent_api
