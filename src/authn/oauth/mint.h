#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "authn/oauth/client.h"
#include "authn/oauth/grant.h"
#include "authn/oauth/occasion.h"
#include "jose/jwk.h"
#include "storage/work.h"

namespace wardlock::oauth {

/// What a token request is answered with (RFC 6749, 5.1).
struct TokenAnswer {
  std::string access_token;
  bool is_dpop = false;  ///< else it is a bearer's
  std::int64_t expires_in_s = 0;
  std::string refresh_token = {};
  std::string id_token = {};
  std::string scope = {};
  std::string issued_token_type = {};  ///< RFC 8693, 2.2.1
  boost::json::object context = {};    ///< SMART: `patient`, `encounter`

  boost::json::object to_json() const;
};

/// What is to be made for a grant.
struct Wanted {
  bool refresh_token = false;
  bool id_token = false;
  std::vector<std::string> scopes = {};       ///< empty: the grant's
  std::vector<std::string> audiences = {};    ///< empty: the grant's
  std::optional<std::int64_t> until_ms = {};  ///< no later than that
};

/// Makes tokens, within the transaction of `work`. The refresh token's hash is to be remembered
/// with the one that it replaces.
class Mint {
 public:
  /// Both outlive it.
  Mint(const Parts& parts, const jose::SigningKey& key) : parts_(parts), key_(key) {}

  Answer<TokenAnswer> make(storage::Work& work, const Occasion& occasion, const Client& client,
                           const Grant& grant, const Wanted& wanted) const;

 private:
  Answer<boost::json::object> access_claims(storage::Work& work, const Occasion& occasion,
                                            const Client& client, const Grant& grant,
                                            const Wanted& wanted) const;
  std::string id_token(const Occasion& occasion, const Grant& grant,
                       std::string_view access_token) const;

  const Parts& parts_;
  const jose::SigningKey& key_;
};

}  // namespace wardlock::oauth
