#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "authn/oauth/client.h"
#include "authn/oauth/parameters.h"
#include "authn/oauth/redirect_uri.h"
#include "authn/oauth/scope.h"
#include "base/identifier.h"
#include "base/utf8.h"
#include "net/egress.h"

namespace wardlock::oauth {
namespace {

using boost::json::object;

constexpr std::size_t kMostNameBytes = 200;
constexpr std::size_t kMostUris = 32;
constexpr std::size_t kMostTextBytes = 1024;
constexpr std::int64_t kLongestAccess = 3600;
constexpr std::int64_t kLongestRefresh = std::int64_t{3600} * 24 * 365;

std::unexpected<Refusal> refuse_member(std::string_view name, std::string_view why) {
  return refuse(Fault::kInvalidClientMetadata, fmt::format("'{}' {}", name, why));
}

/// Reads members of the description; null is as if it were not there.
class Metadata {
 public:
  explicit Metadata(const object& json) : json_(json) {}

  const codec::Json* find(std::string_view name) const {
    const codec::Json* value = json_.if_contains(name);
    return value != nullptr && !value->is_null() ? value : nullptr;
  }

  Answer<std::string> text(std::string_view name, std::string_view usual = "") const {
    const codec::Json* value = find(name);
    if (value == nullptr) return std::string(usual);
    if (!value->is_string()) return refuse_member(name, "is no text");
    const std::string_view text = value->get_string();
    if (text.size() > kMostTextBytes || find_invalid_utf8(text) || find_deceptive_character(text)) {
      return refuse_member(name, "is too long, or has characters that cannot be seen");
    }
    return std::string(text);
  }

  Answer<bool> flag(std::string_view name, bool usual) const {
    const codec::Json* value = find(name);
    if (value == nullptr) return usual;
    if (!value->is_bool()) return refuse_member(name, "is neither true nor false");
    return value->get_bool();
  }

  Answer<std::chrono::seconds> seconds(std::string_view name, std::chrono::seconds usual,
                                       std::int64_t most) const {
    const codec::Json* value = find(name);
    if (value == nullptr) return usual;
    if (!value->is_int64() || value->get_int64() < 1 || value->get_int64() > most) {
      return refuse_member(name, fmt::format("is no number of seconds from 1 to {}", most));
    }
    return std::chrono::seconds(value->get_int64());
  }

  Answer<std::vector<std::string>> texts(std::string_view name) const {
    const codec::Json* value = find(name);
    if (value == nullptr) return std::vector<std::string>();
    if (!value->is_array() || value->get_array().size() > kMostUris) {
      return refuse_member(name, fmt::format("is no list of at most {} texts", kMostUris));
    }
    std::vector<std::string> texts;
    for (const codec::Json& each : value->get_array()) {
      const bool is_text = each.is_string() && !each.get_string().empty() &&
                           each.get_string().size() <= kMostTextBytes;
      if (!is_text) return refuse_member(name, "holds something that is no short text");
      texts.emplace_back(std::string_view(each.get_string()));
    }
    return texts;
  }

 private:
  const object& json_;
};

Answer<void> read_redirects(const Metadata& metadata, Client& client) {
  const std::string type = TRY(metadata.text("application_type", "web"));
  if (type != "web" && type != "native") {
    return refuse_member("application_type", "is neither web nor native");
  }
  client.is_native = type == "native";
  client.redirect_uris = TRY(metadata.texts("redirect_uris"));
  for (const std::string& uri : client.redirect_uris) {
    if (const auto good = check_redirect_uri(uri, client.is_native); !good) {
      return refuse(Fault::kInvalidRedirectUri, descriptive(good.error().message));
    }
  }
  client.post_logout_redirect_uris = TRY(metadata.texts("post_logout_redirect_uris"));
  for (const std::string& uri : client.post_logout_redirect_uris) {
    if (const auto good = check_redirect_uri(uri, client.is_native); !good) {
      return refuse_member("post_logout_redirect_uris", descriptive(good.error().message));
    }
  }
  client.backchannel_logout_uri = TRY(metadata.text("backchannel_logout_uri"));
  if (client.backchannel_logout_uri.empty()) return {};
  if (const auto good = check_web_uri(client.backchannel_logout_uri, true); !good) {
    return refuse_member("backchannel_logout_uri", descriptive(good.error().message));
  }
  return {};
}

Answer<void> read_grants(const Metadata& metadata, Client& client) {
  if (metadata.find("grant_types") != nullptr) {
    client.grants.clear();
    const std::vector<std::string> names = TRY(metadata.texts("grant_types"));
    for (const std::string& name : names) {
      const auto type = find_grant_type(name);
      if (!type) {
        return refuse_member("grant_types",
                             fmt::format("has '{}', which is not offered here", descriptive(name)));
      }
      client.grants.push_back(*type);
    }
  }
  const std::vector<std::string> types = TRY(metadata.texts("response_types"));
  for (const std::string& each : types) {
    if (each != "code") return refuse_member("response_types", "has another than 'code'");
  }
  return {};
}

/// SHA-256 of the certificate in each key's `x5c`, or nothing where one has none.
bool has_certificates(const codec::Json& jwks) {
  const codec::Json* keys = jwks.is_object() ? jwks.get_object().if_contains("keys") : nullptr;
  if (keys == nullptr || !keys->is_array() || keys->get_array().empty()) return false;
  return std::ranges::all_of(keys->get_array(), [](const codec::Json& key) {
    const codec::Json* chain = key.is_object() ? key.get_object().if_contains("x5c") : nullptr;
    return chain != nullptr && chain->is_array() && chain->get_array().size() == 1 &&
           chain->get_array()[0].is_string();
  });
}

/// Where its keys are, which whoever asks there must read as we do (net/egress.h).
Answer<void> check_key_place(const Metadata& metadata, const Client& client) {
  if (metadata.find("jwks") != nullptr) {
    return refuse_member("jwks_uri", "and 'jwks' exclude each other (RFC 7591, 2)");
  }
  const auto url = net::EgressUrl::parse(client.jwks_uri);
  if (!url || !url->origin.starts_with("https://")) {
    return refuse_member("jwks_uri",
                         "is no https URL as it is asked: in small letters, without user, "
                         "fragment and a port that goes without saying");
  }
  if (client.proof == ClientProof::kPrivateKeyJwt) return {};
  return refuse_member("jwks_uri", "is for clients that prove themselves by private_key_jwt");
}

Answer<void> read_keys(const Metadata& metadata, Client& client) {
  client.jwks_uri = TRY(metadata.text("jwks_uri"));
  if (!client.jwks_uri.empty()) TRY_VOID(check_key_place(metadata, client));
  if (const codec::Json* jwks = metadata.find("jwks")) {
    const auto keys = jose::KeySet::parse(codec::to_json_text(*jwks));
    if (!keys) return refuse_member("jwks", descriptive(keys.error().message));
    client.jwks = *jwks;
  }
  const bool has_keys = !client.jwks.is_null();
  if (client.proof == ClientProof::kPrivateKeyJwt && client.jwks_uri.empty() &&
      (!has_keys || TRY(client.keys()).keys().empty())) {
    return refuse_member("jwks", "is missing, or has no key that is for signatures");
  }
  if (client.proof == ClientProof::kSelfSignedTls &&
      (!has_keys || !has_certificates(client.jwks))) {
    return refuse_member("jwks", "is missing, or has a key without its certificate ('x5c')");
  }
  return {};
}

Answer<void> read_proof(const Metadata& metadata, Client& client) {
  const std::string name =
      TRY(metadata.text("token_endpoint_auth_method", to_string(ClientProof::kSecretBasic)));
  const auto proof = find_client_proof(name);
  if (!proof) {
    return refuse_member("token_endpoint_auth_method", "is none of those that are offered here");
  }
  client.proof = *proof;
  TRY_VOID(read_keys(metadata, client));
  client.tls_san_dns = TRY(metadata.text("tls_client_auth_san_dns"));
  client.tls_san_uri = TRY(metadata.text("tls_client_auth_san_uri"));
  const bool has_one_name = client.tls_san_dns.empty() != client.tls_san_uri.empty();
  if (client.proof == ClientProof::kTls && (!has_one_name || client.tls_san_dns.contains('*'))) {
    return refuse_member("tls_client_auth_san_dns",
                         "or 'tls_client_auth_san_uri' must be given, one of them, as it is");
  }
  client.binds_to_dpop = TRY(metadata.flag("dpop_bound_access_tokens", false));
  client.binds_to_certificate =
      TRY(metadata.flag("tls_client_certificate_bound_access_tokens", false));
  if (client.binds_to_dpop && client.binds_to_certificate) {
    return refuse_member("dpop_bound_access_tokens", "and certificates exclude each other");
  }
  return {};
}

Answer<void> read_tokens(const Metadata& metadata, Client& client) {
  const std::string scope = TRY(metadata.text("scope"));
  client.scopes = TRY(read_scopes(scope));
  client.audiences = TRY(metadata.texts("audiences"));
  client.exchange_audiences = TRY(metadata.texts("exchange_audiences"));
  client.thing = TRY(metadata.text("directory_thing"));
  client.asks_consent = TRY(metadata.flag("require_consent", true));
  client.must_push = TRY(metadata.flag("require_pushed_authorization_requests", false));
  client.may_introspect = TRY(metadata.flag("may_introspect", false));
  const std::string form = TRY(metadata.text("access_token_format", "jwt"));
  if (form != "jwt" && form != "opaque") {
    return refuse_member("access_token_format", "is neither jwt nor opaque");
  }
  client.token_form = form == "jwt" ? TokenForm::kJwt : TokenForm::kOpaque;
  client.access_lifetime =
      TRY(metadata.seconds("access_token_lifetime", client.access_lifetime, kLongestAccess));
  client.refresh_lifetime =
      TRY(metadata.seconds("refresh_token_lifetime", client.refresh_lifetime, kLongestRefresh));
  client.refresh_idle_lifetime = TRY(metadata.seconds(
      "refresh_token_idle_lifetime",
      std::min(client.refresh_idle_lifetime, client.refresh_lifetime), kLongestRefresh));
  const std::string algorithm = TRY(metadata.text("id_token_signed_response_alg", "ES256"));
  if (algorithm != "ES256") {
    return refuse_member("id_token_signed_response_alg", "is not ES256, which all tokens have");
  }
  return {};
}

/// What would be no use, or be a way around a rule.
Answer<void> check_whole(const Client& client) {
  if (client.name.empty() || client.name.size() > kMostNameBytes) {
    return refuse_member("client_name", fmt::format("has 1 to {} bytes", kMostNameBytes));
  }
  if (find_identifier_fault(client.name)) {
    return refuse_member("client_name", "has characters that cannot be seen, or two spellings");
  }
  if (client.may(GrantType::kAuthorizationCode) && client.redirect_uris.empty()) {
    return refuse(Fault::kInvalidRedirectUri, "'redirect_uris' is missing");
  }
  const bool acts_by_itself =
      client.may(GrantType::kClientCredentials) || client.may(GrantType::kTokenExchange);
  if (client.is_public() && (acts_by_itself || client.may_introspect)) {
    return refuse_member("token_endpoint_auth_method",
                         "is 'none', with which nobody acts in a client's own name");
  }
  if (client.may(GrantType::kRefreshToken) && !client.may(GrantType::kAuthorizationCode) &&
      !client.may(GrantType::kDeviceCode)) {
    return refuse_member("grant_types", "has refresh_token without what it would be given with");
  }
  const auto is_bad = [](const std::string& audience) { return audience.contains(' '); };
  if (std::ranges::any_of(client.audiences, is_bad)) {
    return refuse_member("audiences", "has one with a space in it");
  }
  return {};
}

boost::json::array to_array(const std::vector<std::string>& texts) {
  return boost::json::array(texts.begin(), texts.end());
}

}  // namespace

Answer<Client> read_client(const object& json) {
  const Metadata metadata(json);
  Client client;
  client.name = TRY(metadata.text("client_name"));
  TRY_VOID(read_redirects(metadata, client));
  TRY_VOID(read_grants(metadata, client));
  TRY_VOID(read_proof(metadata, client));
  TRY_VOID(read_tokens(metadata, client));
  TRY_VOID(check_whole(client));
  return client;
}

std::span<const std::string_view> client_metadata_names() {
  static constexpr auto kNames =
      std::to_array<std::string_view>({"client_name",
                                       "application_type",
                                       "redirect_uris",
                                       "post_logout_redirect_uris",
                                       "backchannel_logout_uri",
                                       "grant_types",
                                       "response_types",
                                       "token_endpoint_auth_method",
                                       "jwks",
                                       "jwks_uri",
                                       "tls_client_auth_san_dns",
                                       "tls_client_auth_san_uri",
                                       "dpop_bound_access_tokens",
                                       "tls_client_certificate_bound_access_tokens",
                                       "scope",
                                       "audiences",
                                       "exchange_audiences",
                                       "directory_thing",
                                       "require_consent",
                                       "require_pushed_authorization_requests",
                                       "may_introspect",
                                       "access_token_format",
                                       "access_token_lifetime",
                                       "refresh_token_lifetime",
                                       "refresh_token_idle_lifetime",
                                       "id_token_signed_response_alg"});
  return kNames;
}

object to_json(const Client& client) {
  object json;
  json["client_id"] = client.id;
  json["client_name"] = client.name;
  json["application_type"] = client.is_native ? "native" : "web";
  json["redirect_uris"] = to_array(client.redirect_uris);
  json["post_logout_redirect_uris"] = to_array(client.post_logout_redirect_uris);
  if (!client.backchannel_logout_uri.empty()) {
    json["backchannel_logout_uri"] = client.backchannel_logout_uri;
  }
  boost::json::array grants;
  for (const GrantType type : client.grants) grants.emplace_back(to_string(type));
  json["grant_types"] = std::move(grants);
  json["token_endpoint_auth_method"] = to_string(client.proof);
  if (!client.jwks.is_null()) json["jwks"] = client.jwks;
  if (!client.jwks_uri.empty()) json["jwks_uri"] = client.jwks_uri;
  if (!client.tls_san_dns.empty()) json["tls_client_auth_san_dns"] = client.tls_san_dns;
  if (!client.tls_san_uri.empty()) json["tls_client_auth_san_uri"] = client.tls_san_uri;
  json["dpop_bound_access_tokens"] = client.binds_to_dpop;
  json["tls_client_certificate_bound_access_tokens"] = client.binds_to_certificate;
  json["scope"] = join_words(client.scopes);
  json["audiences"] = to_array(client.audiences);
  json["exchange_audiences"] = to_array(client.exchange_audiences);
  if (!client.thing.empty()) json["directory_thing"] = client.thing;
  json["require_consent"] = client.asks_consent;
  json["require_pushed_authorization_requests"] = client.must_push;
  json["may_introspect"] = client.may_introspect;
  json["access_token_format"] = client.token_form == TokenForm::kJwt ? "jwt" : "opaque";
  json["access_token_lifetime"] = client.access_lifetime.count();
  json["refresh_token_lifetime"] = client.refresh_lifetime.count();
  json["refresh_token_idle_lifetime"] = client.refresh_idle_lifetime.count();
  return json;
}

}  // namespace wardlock::oauth
