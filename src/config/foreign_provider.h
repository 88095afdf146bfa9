#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "authn/federation/provider_settings.h"
#include "codec/json.h"
#include "net/egress.h"

namespace wardlock::config {

/// Another's OpenID provider at which a tenant's people sign in.
struct ForeignProvider {
  /// All but what it knows us by, which whoever opens the file adds. `tenant` as in `tenants`.
  authn::ProviderSettings settings = {};
  std::string label;        ///< what people call it
  std::string secret_file;  ///< its first line is the client's secret
  bool may_be_linked_by_people = true;
};

/// Where the pages of a tenant are.
struct ForeignProviderPlace {
  std::string_view public_url;  ///< empty: nobody said
  bool is_only_tenant = true;   ///< else its pages are below its name
  const net::EgressRules& egress;
};

/// One of `authentication.providers`, which its table has checked, with a tenant that there is.
/// What is wrong with it as a whole is given to `refuse`.
ForeignProvider foreign_provider_of(const std::string& name, const std::string& tenant,
                                    const codec::Json& section, const ForeignProviderPlace& place,
                                    const std::function<void(std::string)>& refuse);

}  // namespace wardlock::config
