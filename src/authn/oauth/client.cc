#include "authn/oauth/client.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "authn/oauth/parameters.h"
#include "authn/oauth/redirect_uri.h"

namespace wardlock::oauth {
namespace {

constexpr std::array<std::string_view, kGrantTypes> kGrantNames = {
    "authorization_code", "refresh_token", "client_credentials",
    "urn:ietf:params:oauth:grant-type:device_code",
    "urn:ietf:params:oauth:grant-type:token-exchange"};
constexpr std::array<std::string_view, kClientProofs> kProofNames = {"none",
                                                                     "client_secret_basic",
                                                                     "client_secret_post",
                                                                     "private_key_jwt",
                                                                     "tls_client_auth",
                                                                     "self_signed_tls_client_auth"};

template <typename Value, std::size_t N>
std::optional<Value> find_name(const std::array<std::string_view, N>& names,
                               std::string_view name) {
  const auto found = std::ranges::find(names, name);
  if (found == names.end()) return std::nullopt;
  return static_cast<Value>(found - names.begin());
}

}  // namespace

std::string_view to_string(GrantType type) {
  return kGrantNames.at(static_cast<std::size_t>(type));
}
std::optional<GrantType> find_grant_type(std::string_view name) {
  return find_name<GrantType>(kGrantNames, name);
}
std::string_view to_string(ClientProof proof) {
  return kProofNames.at(static_cast<std::size_t>(proof));
}
std::optional<ClientProof> find_client_proof(std::string_view name) {
  return find_name<ClientProof>(kProofNames, name);
}

bool Client::may(GrantType type) const { return std::ranges::find(grants, type) != grants.end(); }

Answer<std::string> Client::redirect_uri(std::string_view asked) const {
  if (asked.empty()) {
    if (redirect_uris.size() == 1) return redirect_uris.front();
    return refuse(Fault::kInvalidRequest, "the parameter 'redirect_uri' is missing");
  }
  const auto is_it = [&](const std::string& each) {
    return is_registered_uri(asked, each, is_native);
  };
  if (std::ranges::any_of(redirect_uris, is_it)) return std::string(asked);
  return refuse(Fault::kInvalidRequest, "the 'redirect_uri' is not one of the client's");
}

Answer<std::vector<std::string>> Client::audiences_for(
    const std::vector<std::string>& asked) const {
  for (const std::string& each : asked) {
    if (std::ranges::find(audiences, each) != audiences.end()) continue;
    return refuse(Fault::kInvalidTarget,
                  fmt::format("the client may not ask for tokens for '{}'", descriptive(each)));
  }
  if (!asked.empty()) return asked;
  if (audiences.empty()) return std::vector<std::string>();
  return std::vector{audiences.front()};
}

Result<jose::KeySet> Client::keys() const {
  if (jwks.is_null()) return jose::KeySet();
  return jose::KeySet::parse(codec::to_json_text(jwks));
}

}  // namespace wardlock::oauth
