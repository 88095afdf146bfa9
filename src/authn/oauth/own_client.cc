#include "authn/oauth/own_client.h"

#include <chrono>
#include <string>

#include "authn/oauth/scope.h"

namespace wardlock::oauth {

Client command_line_client() {
  return {
      .id = std::string(kCommandLineClient),
      .name = "Wardlock command line",
      .is_native = true,
      .redirect_uris = {std::string(kCommandLineRedirect)},
      .grants = {GrantType::kAuthorizationCode, GrantType::kRefreshToken, GrantType::kDeviceCode},
      .proof = ClientProof::kNone,
      .scopes = {"openid", "offline_access", std::string(kAdministrationScope)},
      .refresh_idle_lifetime = std::chrono::hours(1),
      .refresh_lifetime = std::chrono::hours(12)};
}

}  // namespace wardlock::oauth
