#pragma once

#include <string>
#include <string_view>

#include "access/delegation/delegation_desk.h"
#include "administration/errand.h"
#include "net/http.h"

namespace wardlock::delegation_api {

/// What is asked, as its path and body have it. Borrows, for one request.
struct DelegationCall {
  const net::HttpRequest& request;
  const administration::Errand& errand;
  access::DelegationDesk& desk;
  std::string_view id = {};  ///< of the delegation that the path names

  const std::string& tenant() const { return errand.mandate.tenant; }
  const std::string& asker() const { return errand.mandate.actor_id; }
};

}  // namespace wardlock::delegation_api
