#pragma once

#include <span>
#include <string>
#include <string_view>

#include "authn/oauth/occasion.h"
#include "authn/oauth/refusal.h"
#include "codec/json.h"
#include "jose/jwk.h"

namespace wardlock::oauth {

/// Who vouches for programs: an app store, a manufacturer, the hospital's own IT.
struct SoftwareIssuer {
  std::string issuer;  ///< `iss`, to the letter
  jose::KeySet keys;
};

/// What a software statement says (RFC 7591, 2.3), once its signature was verified.
struct SoftwareStatement {
  std::string issuer;
  boost::json::object claims;

  /// The description with what the statement says in place of what is said without it. What is only
  /// of the JWT (`iss`, `exp`, …) is left out.
  boost::json::object over(boost::json::object metadata) const;
};

/// Verifies one: of an issuer that is trusted, signed by one of its keys, with an `exp` that is not
/// over, and for us where it says for whom it is. A `software_id` must be there, so that nothing
/// else that this issuer signs, such as an ID token, is taken for one.
/// Refusals: kInvalidSoftwareStatement; kUnapprovedSoftwareStatement, nobody here trusts its
/// issuer.
Answer<SoftwareStatement> verify_software_statement(std::string_view text,
                                                    std::span<const SoftwareIssuer> trusted,
                                                    const Occasion& occasion);

}  // namespace wardlock::oauth
