#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "authn/session/assurance.h"
#include "base/error.h"
#include "base/secret.h"
#include "jose/jwk.h"

namespace wardlock::authn {

/// What of another provider's words on how it recognised somebody is believed. What is not in it is
/// worth AAL1, whatever it says.
struct AssuranceTable {
  /// By `acr`, to the letter.
  std::map<std::string, AssuranceLevel, std::less<>> by_acr = {};
  struct ByMethods {
    std::vector<std::string> methods;  ///< all of these in `amr`
    AssuranceLevel level = AssuranceLevel::kAal1;
  };
  std::vector<ByMethods> by_methods = {};
};

/// The highest level that the table has for what was said.
AssuranceLevel level_by(const AssuranceTable& table, std::string_view acr,
                        const std::vector<std::string>& methods);

/// A hospital's OpenID provider (OpenID Connect Core 1.0), at which its people may sign in.
struct ProviderSettings {
  std::string name;    ///< `[a-z0-9-]+`, in addresses and for people
  std::string tenant;  ///< whose people sign in there
  std::string issuer;  ///< `https://login.st-mary.example`, to the letter
  std::string client_id;
  /// How we prove to be the client: a secret (`client_secret_basic`), or a key of ours
  /// (`private_key_jwt`, RFC 7523).
  std::variant<Secret, jose::SigningKey> proof = {};
  std::string redirect_uri;  ///< of this provider alone (RFC 9700, 4.4.2)
  std::vector<std::string> scopes = {"openid"};
  std::vector<std::string> acr_values = {};  ///< that are asked for
  /// So long ago somebody may have signed in there at most; nothing: as the provider has it.
  std::optional<std::chrono::seconds> max_age = {};
  /// Of RSA keys that do not say theirs.
  jose::SignatureAlgorithm rsa_algorithm = jose::SignatureAlgorithm::kRs256;
  AssuranceTable assurance = {};
};

/// All but how we prove to be the client. Error kInvalidArgument: a name, issuer, client or address
/// is none, `openid` is not among the scopes, or the issuer is plain HTTP elsewhere than on this
/// machine.
Result<void> check_provider(const ProviderSettings& settings);
/// Error kInvalidArgument: the provider knows us by nothing.
Result<void> check_proof(const ProviderSettings& settings);

}  // namespace wardlock::authn
