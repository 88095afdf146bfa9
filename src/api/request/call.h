#pragma once

#include <string>
#include <string_view>

#include "access/request/role_request_desk.h"
#include "administration/errand.h"
#include "net/http.h"

namespace wardlock::request_api {

/// What is asked, as its path and body have it. Borrows, for one request over HTTP.
struct RequestCall {
  const net::HttpRequest& request;
  const administration::Errand& errand;
  access::RoleRequestDesk& desk;
  std::string_view id = {};  ///< of the request for a role that the path names

  const std::string& tenant() const { return errand.mandate.tenant; }
  const std::string& asker() const { return errand.mandate.actor_id; }
};

}  // namespace wardlock::request_api
