#pragma once

#include <string>
#include <string_view>

#include "base/error.h"

namespace wardlock::authn {

/// What a provider says of itself (OpenID Connect Discovery 1.0, 3), as far as it is used.
struct ProviderMetadata {
  std::string authorization_endpoint;
  std::string token_endpoint;
  std::string jwks_uri;
  /// Its answers say who it is (RFC 9207): one that does not is somebody else's.
  bool says_issuer = false;

  /// Error kInvalidArgument: it is another issuer's (4.3), an address is missing, malformed or less
  /// safe than the issuer's, or it does not do what is needed: codes, PKCE with S256.
  static Result<ProviderMetadata> parse(std::string_view text, std::string_view issuer);
};

/// Where an issuer's metadata are.
std::string metadata_address(std::string_view issuer);

}  // namespace wardlock::authn
