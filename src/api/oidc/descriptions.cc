#include "api/oidc/descriptions.h"

#include <fmt/format.h>

#include "authn/oauth/scope.h"

namespace wardlock::oidc {
namespace {

using boost::json::array;
using boost::json::object;

array grant_types() {
  array types;
  for (std::size_t i = 0; i < oauth::kGrantTypes; ++i) {
    types.emplace_back(to_string(static_cast<oauth::GrantType>(i)));
  }
  return types;
}

array client_proofs(bool with_public) {
  array proofs;
  for (std::size_t i = with_public ? 0 : 1; i < oauth::kClientProofs; ++i) {
    proofs.emplace_back(to_string(static_cast<oauth::ClientProof>(i)));
  }
  return proofs;
}

/// Of those who sign for a client; our own tokens have ES256 alone.
array client_algorithms() {
  return {"ES256", "ES384", "ES512", "EdDSA", "PS256", "PS384", "PS512", "RS256", "RS384", "RS512"};
}

array scopes() {
  array all;
  for (const std::string& scope : oauth::known_scopes()) all.emplace_back(scope);
  return all;
}

void add_places(std::string_view issuer, object& json) {
  const auto at = [&](std::string_view path) { return fmt::format("{}/oauth2/{}", issuer, path); };
  json["authorization_endpoint"] = at("authorize");
  json["token_endpoint"] = at("token");
  json["pushed_authorization_request_endpoint"] = at("par");
  json["device_authorization_endpoint"] = at("device_authorization");
  json["introspection_endpoint"] = at("introspect");
  json["revocation_endpoint"] = at("revoke");
  json["userinfo_endpoint"] = at("userinfo");
  json["end_session_endpoint"] = at("logout");
  json["jwks_uri"] = at("jwks");
}

}  // namespace

object describe_provider(std::string_view issuer, const oauth::Provider::Options& options,
                         bool has_registration) {
  object json;
  json["issuer"] = issuer;
  add_places(issuer, json);
  if (has_registration) json["registration_endpoint"] = fmt::format("{}/oauth2/register", issuer);
  json["response_types_supported"] = {"code"};
  json["response_modes_supported"] = {"query", "form_post"};
  json["grant_types_supported"] = grant_types();
  json["code_challenge_methods_supported"] = {"S256"};
  json["authorization_response_iss_parameter_supported"] = true;
  json["require_pushed_authorization_requests"] = options.authorizations.must_push;
  json["request_parameter_supported"] = false;
  json["request_uri_parameter_supported"] = false;
  json["subject_types_supported"] = {"public"};
  json["id_token_signing_alg_values_supported"] = {"ES256"};
  json["prompt_values_supported"] = {"none", "login", "consent", "select_account"};
  json["acr_values_supported"] = {oauth::acr_of(1), oauth::acr_of(2), oauth::acr_of(3)};
  json["scopes_supported"] = scopes();
  json["claims_supported"] = {
      "iss", "sub", "aud",  "exp",        "iat",         "auth_time",          "nonce", "acr",
      "amr", "sid", "name", "given_name", "family_name", "preferred_username", "email", "fhirUser"};
  json["token_endpoint_auth_methods_supported"] = client_proofs(true);
  json["token_endpoint_auth_signing_alg_values_supported"] = client_algorithms();
  json["introspection_endpoint_auth_methods_supported"] = client_proofs(false);
  json["introspection_endpoint_auth_signing_alg_values_supported"] = client_algorithms();
  json["revocation_endpoint_auth_methods_supported"] = client_proofs(true);
  json["revocation_endpoint_auth_signing_alg_values_supported"] = client_algorithms();
  json["dpop_signing_alg_values_supported"] = client_algorithms();
  json["tls_client_certificate_bound_access_tokens"] = true;
  json["backchannel_logout_supported"] = true;
  json["backchannel_logout_session_supported"] = true;
  return json;
}

object describe_smart(std::string_view issuer) {
  object json;
  json["issuer"] = issuer;
  add_places(issuer, json);
  json["grant_types_supported"] = grant_types();
  json["response_types_supported"] = {"code"};
  json["code_challenge_methods_supported"] = {"S256"};
  json["scopes_supported"] = scopes();
  json["token_endpoint_auth_methods_supported"] = client_proofs(true);
  json["token_endpoint_auth_signing_alg_values_supported"] = client_algorithms();
  json["capabilities"] = {"launch-standalone",
                          "client-public",
                          "client-confidential-symmetric",
                          "client-confidential-asymmetric",
                          "sso-openid-connect",
                          "permission-offline",
                          "permission-online",
                          "permission-patient",
                          "permission-user",
                          "permission-v2",
                          "authorize-post"};
  return json;
}

}  // namespace wardlock::oidc
