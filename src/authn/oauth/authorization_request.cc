#include "authn/oauth/authorization_request.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "authn/oauth/grant.h"
#include "authn/oauth/people.h"
#include "authn/oauth/proof_key.h"
#include "authn/oauth/scope.h"

namespace wardlock::oauth {
namespace {

constexpr std::int64_t kLongestAge = std::int64_t{366} * 24 * 3600;

Answer<ResponseMode> read_mode(const Parameters& parameters) {
  const std::string_view mode = parameters.find("response_mode").value_or("query");
  if (mode == "query") return ResponseMode::kQuery;
  if (mode == "form_post") return ResponseMode::kFormPost;
  return refuse(Fault::kInvalidRequest, "'response_mode' is neither query nor form_post");
}

Answer<void> read_prompt(const Parameters& parameters, AuthorizationRequest& request) {
  for (const std::string& word : split_words(parameters.text("prompt"))) {
    if (word == "none") {
      request.must_not_ask = true;
    } else if (word == "login") {
      request.must_sign_in = true;
    } else if (word == "consent") {
      request.must_consent = true;
    } else if (word != "select_account") {
      return refuse(Fault::kInvalidRequest, "'prompt' has a word that is not known");
    } else {
      request.must_sign_in = true;  // who signs in says as whom
    }
  }
  if (request.must_not_ask && (request.must_sign_in || request.must_consent)) {
    return refuse(Fault::kInvalidRequest, "'prompt' says none and something else");
  }
  return {};
}

Answer<std::optional<std::int64_t>> read_max_age(const Parameters& parameters) {
  const auto text = parameters.find("max_age");
  if (!text) return std::nullopt;
  std::int64_t age = -1;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), age);
  if (error != std::errc() || end != text->data() + text->size() || age < 0 || age > kLongestAge) {
    return refuse(Fault::kInvalidRequest, "'max_age' is no number of seconds");
  }
  return age;
}

/// The weakest of those asked for that is known: it is enough.
std::int64_t read_level(const Parameters& parameters) {
  std::int64_t level = 0;
  for (const std::string& acr : split_words(parameters.text("acr_values"))) {
    const std::int64_t known = level_of(acr);
    if (known != 0 && (level == 0 || known < level)) level = known;
  }
  return level;
}

/// What SMART calls `aud` is a resource (RFC 8707), too.
std::vector<std::string> asked_audiences(const Parameters& parameters) {
  std::vector<std::string> asked = parameters.all("resource");
  for (std::string& each : parameters.all("audience")) asked.push_back(std::move(each));
  if (const auto aud = parameters.find("aud")) asked.emplace_back(*aud);
  std::ranges::sort(asked);
  asked.erase(std::ranges::unique(asked).begin(), asked.end());
  return asked;
}

Answer<void> check_kind(const Client& client, const Parameters& parameters) {
  if (parameters.has("request")) {
    return refuse(Fault::kRequestNotSupported, "signed requests are not taken; push the request");
  }
  if (!client.may(GrantType::kAuthorizationCode)) {
    return refuse(Fault::kUnauthorizedClient, "the client may not ask for codes");
  }
  const std::string_view type = TRY(parameters.need("response_type"));
  if (type != "code") {
    return refuse(Fault::kUnsupportedResponseType, "the only 'response_type' is code");
  }
  return check_challenge(parameters.text("code_challenge"),
                         parameters.text("code_challenge_method"));
}

Answer<void> read_wishes(const Client& client, const Parameters& parameters,
                         AuthorizationRequest& request) {
  request.scopes = TRY(read_scopes(parameters.text("scope")));
  TRY_VOID(check_scopes(request.scopes, client.scopes));
  TRY_VOID(check_scopes_of_person(request.scopes));
  request.audiences = TRY(client.audiences_for(asked_audiences(parameters)));
  TRY_VOID(read_prompt(parameters, request));
  request.max_age_s = TRY(read_max_age(parameters));
  request.level = read_level(parameters);
  request.nonce = parameters.text("nonce");
  request.challenge = parameters.text("code_challenge");
  request.login_hint = parameters.text("login_hint");
  request.dpop_key = parameters.text("dpop_jkt");
  request.launch = parameters.text("launch");
  request.purpose_of_use = parameters.text("purpose_of_use");
  if (!request.purpose_of_use.empty() && !is_purpose_of_use(request.purpose_of_use)) {
    return refuse(Fault::kInvalidRequest, "'purpose_of_use' is no code of HL7's PurposeOfUse");
  }
  if (has_scope(request.scopes, "launch") && request.launch.empty()) {
    return refuse(Fault::kInvalidRequest, "the scope 'launch' comes with the parameter 'launch'");
  }
  return {};
}

boost::json::array to_array(const std::vector<std::string>& texts) {
  return boost::json::array(texts.begin(), texts.end());
}

std::vector<std::string> texts_in(const boost::json::object& json, std::string_view name) {
  std::vector<std::string> texts;
  for (const codec::Json& each : json.at(name).as_array()) {
    texts.emplace_back(std::string_view(each.as_string()));
  }
  return texts;
}

std::string text_in(const boost::json::object& json, std::string_view name) {
  return std::string(json.at(name).as_string());
}

}  // namespace

std::string ReturnAnswer::url() const {
  const std::string_view mark = to.redirect_uri.contains('?') ? "&" : "?";
  return fmt::format("{}{}{}", to.redirect_uri, mark, parameters.form());
}

ReturnAnswer answer_to(const ReturnAddress& address, std::string_view issuer,
                       Parameters parameters) {
  if (!address.state.empty()) parameters.set("state", address.state);
  parameters.set("iss", issuer);
  return {.to = address, .parameters = std::move(parameters)};
}

ReturnAnswer refusal_to(const ReturnAddress& address, std::string_view issuer,
                        const Refusal& refusal) {
  Parameters parameters;
  parameters.set("error", to_string(refusal.fault));
  parameters.set("error_description", refusal.description);
  return answer_to(address, issuer, std::move(parameters));
}

std::expected<AuthorizationRequest, AuthorizationRefusal> check_authorization_request(
    const Client& client, const Parameters& parameters) {
  AuthorizationRequest request{.client = client.id, .address = {}};
  const auto refuse_to = [](Refusal refusal, std::optional<ReturnAddress> address) {
    return std::unexpected(
        AuthorizationRefusal{.refusal = std::move(refusal), .address = std::move(address)});
  };
  auto redirect_uri = client.redirect_uri(parameters.text("redirect_uri"));
  if (!redirect_uri) return refuse_to(std::move(redirect_uri).error(), {});
  request.address.redirect_uri = *std::move(redirect_uri);
  request.address.state = parameters.text("state");
  request.has_redirect_uri = parameters.has("redirect_uri");
  const auto mode = read_mode(parameters);
  if (!mode) return refuse_to(mode.error(), request.address);
  request.address.mode = *mode;
  if (auto good = check_kind(client, parameters); !good) {
    return refuse_to(std::move(good).error(), request.address);
  }
  if (auto good = read_wishes(client, parameters, request); !good) {
    return refuse_to(std::move(good).error(), request.address);
  }
  return request;
}

std::string request_text(const AuthorizationRequest& request) {
  boost::json::object json;
  json["client"] = request.client;
  json["redirect_uri"] = request.address.redirect_uri;
  json["state"] = request.address.state;
  json["is_form"] = request.address.mode == ResponseMode::kFormPost;
  json["has_redirect_uri"] = request.has_redirect_uri;
  json["scopes"] = to_array(request.scopes);
  json["audiences"] = to_array(request.audiences);
  json["nonce"] = request.nonce;
  json["challenge"] = request.challenge;
  json["must_not_ask"] = request.must_not_ask;
  json["must_sign_in"] = request.must_sign_in;
  json["must_consent"] = request.must_consent;
  json["max_age_s"] = request.max_age_s.value_or(-1);
  json["level"] = request.level;
  json["login_hint"] = request.login_hint;
  json["dpop_key"] = request.dpop_key;
  json["launch"] = request.launch;
  json["purpose_of_use"] = request.purpose_of_use;
  return codec::to_json_text(codec::Json(std::move(json)));
}

Result<AuthorizationRequest> read_request_text(std::string_view text) {
  const codec::Json parsed = TRY(codec::parse_json(text));
  const boost::json::object& json = parsed.as_object();  // our own rows
  AuthorizationRequest request{
      .client = text_in(json, "client"),
      .address = {.redirect_uri = text_in(json, "redirect_uri"),
                  .state = text_in(json, "state"),
                  .mode = json.at("is_form").as_bool() ? ResponseMode::kFormPost
                                                       : ResponseMode::kQuery},
      .has_redirect_uri = json.at("has_redirect_uri").as_bool(),
      .scopes = texts_in(json, "scopes"),
      .audiences = texts_in(json, "audiences"),
      .nonce = text_in(json, "nonce"),
      .challenge = text_in(json, "challenge"),
      .must_not_ask = json.at("must_not_ask").as_bool(),
      .must_sign_in = json.at("must_sign_in").as_bool(),
      .must_consent = json.at("must_consent").as_bool(),
      .max_age_s = {},
      .level = json.at("level").as_int64(),
      .login_hint = text_in(json, "login_hint"),
      .dpop_key = text_in(json, "dpop_key"),
      .launch = text_in(json, "launch"),
      .purpose_of_use = text_in(json, "purpose_of_use")};
  const std::int64_t age = json.at("max_age_s").as_int64();
  if (age >= 0) request.max_age_s = age;
  return request;
}

}  // namespace wardlock::oauth
