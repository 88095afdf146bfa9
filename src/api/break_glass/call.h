#pragma once

#include <string>
#include <string_view>

#include "access/grant/glass_desk.h"
#include "administration/errand.h"
#include "base/error.h"
#include "net/http.h"

namespace wardlock::glass_api {

/// What is asked, as its path and body have it. Borrows, for one request.
struct Call {
  const net::HttpRequest& request;
  const administration::Errand& errand;
  access::GlassDesk& desk;
  access::ReviewDesk& reviews;
  std::string_view id = {};  ///< of the grant that the path names

  const std::string& tenant() const { return errand.mandate.tenant; }
  const std::string& person() const { return errand.mandate.actor_id; }
};

/// How whoever asks has signed in. Error kPermissionDenied: they have not; a program asks.
Result<access::GlassProof> proof_of(const Call& call);

}  // namespace wardlock::glass_api
