#pragma once

#include <functional>

#include "authn/oauth/provider.h"
#include "authn/session/session.h"
#include "net/http.h"

namespace wardlock::oidc {

/// With what a request is answered. Borrows.
struct Surroundings {
  oauth::Provider& provider;
  oauth::Occasion occasion;  ///< the tenant, its base URL, and when
  /// Who the request's browser is signed in as; null: nobody.
  const authn::Session* session = nullptr;
  /// Ends the browser's session, and tells its clients. Empty: it cannot be ended here.
  std::function<Result<void>(const authn::Session&)> end_session = {};
  /// Whether policies let a client register (RFC 7591). Empty: nobody may, whoever invited it.
  oauth::Registrations::MayRegister may_register = {};
};

}  // namespace wardlock::oidc
