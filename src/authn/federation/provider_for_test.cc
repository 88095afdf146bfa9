#include "authn/federation/provider_for_test.h"

#include <fmt/format.h>

#include "base/check.h"
#include "codec/base64url.h"
#include "crypto/sha256.h"
#include "net/query_string.h"

namespace wardlock::authn {
namespace {

jose::SigningKey new_key(const std::string& id) {
  return {.key = crypto::PrivateKey::generate(crypto::KeyType::kP256),
          .algorithm = jose::SignatureAlgorithm::kEs256,
          .id = id};
}

net::HttpResponse json(const boost::json::value& body, int status = 200) {
  return {.status = status, .content_type = "application/json", .body = codec::to_json_text(body)};
}

std::int64_t seconds_now() { return now_for_test().time_since_epoch().count(); }

}  // namespace

std::chrono::sys_seconds now_for_test() {
  return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

std::string parameter(std::string_view query, std::string_view name) {
  const auto parameters = net::read_query_string(query).value();
  for (const net::QueryParameter& each : parameters) {
    if (each.name == name) return each.value;
  }
  return "";
}

ProviderForTest::ProviderForTest(std::string path)
    : key(new_key("first")),
      published({key}),
      path_(std::move(path)),
      server_([this](const net::HttpRequest& request) { return answer(request); }),
      egress_(*net::Egress::create({.origins = {fmt::format("http://127.0.0.1:{}", server_.port())},
                                    .networks = {*net::IpNetwork::parse("127.0.0.0/8")}})) {}

std::string ProviderForTest::issuer() const {
  return fmt::format("http://127.0.0.1:{}{}", server_.port(), path_);
}

ProviderSettings ProviderForTest::settings() const {
  ProviderSettings settings;
  settings.name = "hospital";
  settings.tenant = "st-mary";
  settings.issuer = issuer();
  settings.client_id = "wardlock";
  settings.proof = Secret("our secret");
  settings.redirect_uri = "https://wardlock.example/sign-in/with/hospital";
  return settings;
}

std::string ProviderForTest::sign_in(const std::string& url) {
  const std::lock_guard lock(mutex_);
  const std::string query = url.substr(url.find('?') + 1);
  const std::string code = fmt::format("code-{}", ++next_);
  codes_[code] = {.nonce = parameter(query, "nonce"),
                  .challenge = parameter(query, "code_challenge"),
                  .redirect_uri = parameter(query, "redirect_uri")};
  std::string back = fmt::format("code={}&state={}", code, parameter(query, "state"));
  if (says_issuer) back += "&iss=" + net::percent_encoded(issuer());
  return back;
}

boost::json::object ProviderForTest::claims(const std::string& nonce) const {
  return {{"iss", issuer()},
          {"aud", "wardlock"},
          {"sub", "grey-1"},
          {"nonce", nonce},
          {"iat", seconds_now()},
          {"exp", seconds_now() + 300},
          {"email", "admin@st-mary.example"},
          {"email_verified", true}};
}

net::HttpResponse ProviderForTest::tokens(const net::HttpRequest& request) {
  const auto authorization = request.header("Authorization");
  last_request = fmt::format("{}\n{}", authorization.value_or(""), request.body);
  const auto found = codes_.find(parameter(request.body, "code"));
  if (token_status != 200 || found == codes_.end()) {
    return json({{"error", "invalid_grant"}}, token_status == 200 ? 400 : token_status);
  }
  const Code code = found->second;
  codes_.erase(found);
  const auto digest = crypto::sha256(parameter(request.body, "code_verifier"));
  if (codec::to_base64url(digest) != code.challenge ||
      parameter(request.body, "redirect_uri") != code.redirect_uri) {
    return json({{"error", "invalid_grant"}}, 400);
  }
  boost::json::object said = claims(code.nonce);
  spoil(said);
  return json({{"id_token", rewrite(jose::sign_jwt(key, type, said))}, {"token_type", "Bearer"}});
}

net::HttpResponse ProviderForTest::answer(const net::HttpRequest& request) {
  const std::lock_guard lock(mutex_);
  if (is_down) return {.status = 503};
  if (request.path == path_ + "/.well-known/openid-configuration") {
    ++asked_metadata;
    boost::json::object said = {{"issuer", issuer()},
                                {"authorization_endpoint", issuer() + "/auth?tenant=1"},
                                {"token_endpoint", issuer() + "/token"},
                                {"jwks_uri", issuer() + "/jwks"},
                                {"authorization_response_iss_parameter_supported", says_issuer}};
    for (const auto& [name, value] : metadata) said[name] = value;
    return json(said);
  }
  if (request.path == path_ + "/jwks") {
    ++asked_keys;
    std::vector<jose::VerificationKey> keys;
    for (const jose::SigningKey& each : published) keys.push_back(each.verification_key());
    return json(jose::KeySet(keys).to_json());
  }
  if (request.path == path_ + "/token") return tokens(request);
  return {.status = 404};
}

}  // namespace wardlock::authn
