#pragma once

#include <string_view>

#include "authn/oauth/provider.h"
#include "codec/json.h"

namespace wardlock::oidc {

/// What the provider says of itself (OpenID Connect Discovery, 3; RFC 8414, 2).
boost::json::object describe_provider(std::string_view issuer,
                                      const oauth::Provider::Options& options,
                                      bool has_registration);

/// SMART App Launch 2, `.well-known/smart-configuration`.
boost::json::object describe_smart(std::string_view issuer);

}  // namespace wardlock::oidc
