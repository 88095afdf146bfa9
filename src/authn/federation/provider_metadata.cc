#include "authn/federation/provider_metadata.h"

#include <fmt/format.h>

#include <algorithm>

#include "codec/json.h"
#include "net/egress.h"

namespace wardlock::authn {
namespace {

using boost::json::object;

constexpr codec::JsonLimits kLimits = {
    .max_bytes = std::size_t{256} << 10, .max_depth = 16, .max_members = 256};

std::string text(const object& metadata, std::string_view name) {
  const codec::Json* found = metadata.if_contains(name);
  return found == nullptr || !found->is_string() ? std::string() : std::string(found->get_string());
}

/// Whether the list has the word; where there is no list, what goes without saying.
bool has(const object& metadata, std::string_view list, std::string_view word, bool usually) {
  const codec::Json* found = metadata.if_contains(list);
  if (found == nullptr) return usually;
  return found->is_array() && std::ranges::any_of(found->get_array(), [&](const codec::Json& each) {
           return each.is_string() && each.get_string() == word;
         });
}

Result<std::string> endpoint(const object& metadata, std::string_view name,
                             std::string_view issuer) {
  std::string url = text(metadata, name);
  if (!net::EgressUrl::parse(url)) {
    return invalid(fmt::format("the provider's `{}` is missing or malformed", name));
  }
  if (issuer.starts_with("https:") && !url.starts_with("https:")) {
    return invalid(fmt::format("the provider's `{}` is not over TLS", name));
  }
  return url;
}

}  // namespace

std::string metadata_address(std::string_view issuer) {
  if (issuer.ends_with('/')) issuer.remove_suffix(1);
  return fmt::format("{}/.well-known/openid-configuration", issuer);
}

Result<ProviderMetadata> ProviderMetadata::parse(std::string_view text_of_it,
                                                 std::string_view issuer) {
  const codec::Json json = TRY(codec::parse_json(text_of_it, kLimits));
  if (!json.is_object()) return invalid("the provider's metadata are no object");
  const object& metadata = json.get_object();
  if (text(metadata, "issuer") != issuer) {
    return invalid("the provider's metadata are another issuer's");
  }
  if (!has(metadata, "response_types_supported", "code", true)) {
    return invalid("the provider gives no authorization codes");
  }
  if (!has(metadata, "code_challenge_methods_supported", "S256", true)) {
    return invalid("the provider does not know PKCE with S256");
  }
  ProviderMetadata read;
  read.authorization_endpoint = TRY(endpoint(metadata, "authorization_endpoint", issuer));
  read.token_endpoint = TRY(endpoint(metadata, "token_endpoint", issuer));
  read.jwks_uri = TRY(endpoint(metadata, "jwks_uri", issuer));
  const codec::Json* says = metadata.if_contains("authorization_response_iss_parameter_supported");
  read.says_issuer = says != nullptr && says->is_bool() && says->get_bool();
  return read;
}

}  // namespace wardlock::authn
