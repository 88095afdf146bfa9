#include "api/oidc/endpoints.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>

#include "api/oidc/descriptions.h"
#include "api/oidc/registration.h"
#include "api/oidc/reply.h"

namespace wardlock::oidc {
namespace {

using boost::json::object;
using net::HttpRequest;
using net::HttpResponse;
using oauth::Answer;
using oauth::Fault;
using oauth::Parameters;
using oauth::Refusal;

constexpr std::string_view kForm = "application/x-www-form-urlencoded";
/// Answers one request.
class Exchange {
 public:
  Exchange(const HttpRequest& request, const Surroundings& with, HttpResponse& response)
      : request_(request), with_(with), response_(response) {}

  // Each is an endpoint.
  void describe();
  void describe_smart_app() { show(describe_smart(issuer())); }
  void show_keys();
  void authorize();
  void send_answer();
  void push();
  void token();
  void offer_device();
  void introspect();
  void revoke();
  void userinfo();
  void register_client() { oidc::register_client(request_, with_, response_); }
  void manage_registration() { oidc::manage_registration(request_, with_, response_); }
  void log_out();

 private:
  const std::string& issuer() const { return with_.occasion.issuer; }
  std::string url() const { return issuer() + std::string(request_.path); }

  /// Of the query, or of the form in the body.
  Answer<Parameters> read_query_or_form() const;
  Answer<Parameters> read_form() const;
  Answer<std::optional<std::string_view>> dpop_header() const;
  /// Reads the form, finds out which client sent it, and has it answered with what `call` returns.
  template <typename Call>
  void answer_client(int status, Call call);
  void show(const object& json);
  void refuse(const Refusal& refusal) { write_refusal(refusal, response_); }
  void end_session(const oauth::LogoutRequest& asked);

  const HttpRequest& request_;
  const Surroundings& with_;
  HttpResponse& response_;
};

/// For descriptions and keys, which everybody may keep for a while.
void Exchange::show(const object& json) {
  response_.content_type = "application/json";
  response_.headers.add("Cache-Control", "public, max-age=300");
  response_.body = codec::to_json_text(codec::Json(json));
}

Answer<Parameters> Exchange::read_form() const {
  const std::string_view type = request_.header("Content-Type").value_or("");
  if (!net::equal_ignoring_case(type.substr(0, type.find_first_of("; \t")), kForm)) {
    return oauth::refuse(Fault::kInvalidRequest, "send application/x-www-form-urlencoded");
  }
  // What stands in a URL is kept in logs.
  if (!request_.query.empty()) {
    return oauth::refuse(Fault::kInvalidRequest, "parameters belong in the body");
  }
  return Parameters::read(request_.body);
}

Answer<Parameters> Exchange::read_query_or_form() const {
  if (request_.method == "POST") return read_form();
  return Parameters::read(request_.query);
}

Answer<std::optional<std::string_view>> Exchange::dpop_header() const {
  std::optional<std::string_view> found;
  for (const net::HttpHeader& header : request_.headers) {
    if (!net::equal_ignoring_case(header.name, "DPoP")) continue;
    if (found) return oauth::refuse(Fault::kInvalidDpopProof, "there are two proofs");
    found = header.value;
  }
  return found;
}

template <typename Call>
void Exchange::answer_client(int status, Call call) {
  const auto answered = [&]() -> Answer<object> {
    const Parameters parameters = TRY(read_form());
    const auto dpop = TRY(dpop_header());
    const std::string endpoint = url();
    const auto client = TRY(with_.provider.authenticator.authenticate(
        with_.occasion, {.parameters = parameters,
                         .authorization = request_.header("Authorization"),
                         .dpop = dpop,
                         .certificate = request_.peer_certificate,
                         .method = request_.method,
                         .url = endpoint}));
    return call(client, parameters);
  }();
  if (answered) {
    write_json(status, *answered, response_);
  } else {
    refuse(answered.error());
  }
  if (request_.header("DPoP")) {
    response_.headers.add("DPoP-Nonce", with_.provider.proofs.nonce(with_.occasion.now_ms));
  }
}

void Exchange::describe() {
  show(
      describe_provider(issuer(), with_.provider.options(), static_cast<bool>(with_.may_register)));
}

void Exchange::show_keys() {
  const auto keys = with_.provider.keys.shown(with_.occasion);
  if (!keys) return refuse(keys.error());
  show((*keys)->to_json().as_object());
}

void Exchange::authorize() {
  const auto parameters = read_query_or_form();
  if (!parameters) return net::write_problem(400, parameters.error().description, response_);
  auto begun = with_.provider.authorizations.begin(with_.occasion, *parameters, with_.session);
  if (!begun) {
    const oauth::AuthorizationRefusal& refusal = begun.error();
    // Where nobody registered the address, only who sits before the browser is told.
    if (!refusal.address) return net::write_problem(400, refusal.refusal.description, response_);
    return write_return(refusal_to(*refusal.address, issuer(), refusal.refusal), response_);
  }
  if (begun->answer) return write_return(*begun->answer, response_);
  write_redirect(fmt::format("{}/sign-in?request={}", issuer(), begun->handle), response_);
}

/// For a page that cannot post to other sites itself.
void Exchange::send_answer() {
  const auto parameters = read_query_or_form();
  if (!parameters) return net::write_problem(400, parameters.error().description, response_);
  const auto kept =
      with_.provider.authorizations.take_answer(with_.occasion, parameters->text("ticket"));
  if (!kept) return net::write_problem(400, kept.error().description, response_);
  write_return(*kept, response_);
}

void Exchange::push() {
  answer_client(201, [&](const auto& client, const Parameters& parameters) -> Answer<object> {
    const std::string uri =
        TRY(with_.provider.authorizations.push(with_.occasion, client, parameters));
    return object{{"request_uri", uri}, {"expires_in", oauth::Authorizations::kPushedMs / 1000}};
  });
}

void Exchange::token() {
  answer_client(200, [&](const auto& client, const Parameters& parameters) -> Answer<object> {
    return TRY(with_.provider.token_requests.answer(with_.occasion, client, parameters)).to_json();
  });
}

void Exchange::offer_device() {
  answer_client(200, [&](const auto& client, const Parameters& parameters) -> Answer<object> {
    const auto offer = TRY(with_.provider.devices.begin(with_.occasion, client, parameters));
    return object{{"device_code", offer.device_code},
                  {"user_code", offer.user_code},
                  {"verification_uri", offer.verification_uri},
                  {"verification_uri_complete", offer.verification_uri_complete},
                  {"expires_in", offer.expires_in_s},
                  {"interval", offer.interval_s}};
  });
}

void Exchange::introspect() {
  answer_client(200, [&](const auto& client, const Parameters& parameters) {
    return with_.provider.token_state.introspect(with_.occasion, client, parameters);
  });
}

void Exchange::revoke() {
  answer_client(200, [&](const auto& client, const Parameters& parameters) -> Answer<object> {
    TRY_VOID(with_.provider.token_state.revoke(with_.occasion, client, parameters));
    return object();
  });
}

void Exchange::userinfo() {
  const std::string_view authorization = request_.header("Authorization").value_or("");
  const std::size_t space = authorization.find(' ');
  const std::string_view scheme = authorization.substr(0, space);
  const bool is_dpop = net::equal_ignoring_case(scheme, "DPoP");
  if (space == std::string_view::npos ||
      (!is_dpop && !net::equal_ignoring_case(scheme, "Bearer"))) {
    net::write_problem(401, "send an access token in `Authorization`", response_);
    return response_.headers.add("WWW-Authenticate", "Bearer realm=\"wardlock\"");
  }
  const std::string_view token = authorization.substr(space + 1);
  const auto answered = [&]() -> Answer<object> {
    const auto subject = TRY(with_.provider.tokens.verify_waiting(with_.occasion, token));
    const auto dpop = TRY(dpop_header());
    const std::string endpoint = url();
    const Parameters none;
    const std::string key = TRY(with_.provider.authenticator.dpop_key(
        with_.occasion,
        {.parameters = none, .dpop = dpop, .method = request_.method, .url = endpoint}, token));
    const std::string certificate = request_.peer_certificate == nullptr
                                        ? std::string()
                                        : oauth::certificate_thumbprint(*request_.peer_certificate);
    TRY_VOID(check_presenter(*subject, is_dpop, key, certificate));
    return with_.provider.token_state.userinfo(with_.occasion, *subject);
  }();
  if (answered) {
    write_json(200, *answered, response_);
  } else {
    write_challenge(answered.error(), is_dpop, response_);
  }
  if (is_dpop) {
    response_.headers.add("DPoP-Nonce", with_.provider.proofs.nonce(with_.occasion.now_ms));
  }
}

void Exchange::end_session(const oauth::LogoutRequest& asked) {
  if (with_.session != nullptr) {
    const auto ended = with_.end_session ? with_.end_session(*with_.session)
                                         : fail(ErrorCode::kUnavailable, "it cannot be ended");
    if (!ended) return refuse(Refusal(ended.error()));
  }
  write_redirect(asked.return_url.empty() ? issuer() + "/sign-in" : asked.return_url, response_);
}

void Exchange::log_out() {
  const auto parameters = read_query_or_form();
  if (!parameters) return net::write_problem(400, parameters.error().description, response_);
  const auto asked = with_.provider.logouts.check(with_.occasion, *parameters, with_.session);
  if (!asked) return net::write_problem(400, asked.error().description, response_);
  // Somebody else's page must not be able to sign people out.
  if (with_.session != nullptr && asked->must_ask) {
    return write_redirect(issuer() + "/account", response_);
  }
  end_session(*asked);
}

/// What there is, and who may ask for it.
struct Endpoint {
  std::string_view path;
  void (Exchange::*answer)();
  std::string_view methods;   ///< e.g. `GET, POST`; HEAD goes as GET
  bool is_for_pages = false;  ///< of other origins, without cookies
  bool has_parts = false;     ///< what is named below it is asked for, too
};

constexpr auto kEndpoints = std::to_array<Endpoint>({
    {"/.well-known/openid-configuration", &Exchange::describe, "GET", true},
    {"/.well-known/oauth-authorization-server", &Exchange::describe, "GET", true},
    {"/.well-known/smart-configuration", &Exchange::describe_smart_app, "GET", true},
    {"/oauth2/jwks", &Exchange::show_keys, "GET", true},
    {"/oauth2/authorize", &Exchange::authorize, "GET, POST"},
    {"/oauth2/answer", &Exchange::send_answer, "GET"},
    {"/oauth2/par", &Exchange::push, "POST"},
    {"/oauth2/token", &Exchange::token, "POST", true},
    {"/oauth2/device_authorization", &Exchange::offer_device, "POST"},
    {"/oauth2/introspect", &Exchange::introspect, "POST"},
    {"/oauth2/revoke", &Exchange::revoke, "POST", true},
    {"/oauth2/userinfo", &Exchange::userinfo, "GET, POST", true},
    {kRegistrationPath, &Exchange::register_client, "POST"},
    {"/oauth2/register/", &Exchange::manage_registration, "GET, PUT, DELETE", false, true},
    {"/oauth2/logout", &Exchange::log_out, "GET, POST"},
});

const Endpoint* find_endpoint(std::string_view path) {
  const auto found = std::ranges::find_if(kEndpoints, [path](const Endpoint& each) {
    return each.has_parts ? path.starts_with(each.path) && path.size() > each.path.size()
                          : path == each.path;
  });
  return found == kEndpoints.end() ? nullptr : &*found;
}

}  // namespace

bool is_path(std::string_view path) { return find_endpoint(path) != nullptr; }

void answer(const HttpRequest& request, const Surroundings& surroundings, HttpResponse& response) {
  const Endpoint* endpoint = find_endpoint(request.path);
  if (endpoint == nullptr) return net::write_problem(404, "there is nothing here", response);
  if (endpoint->is_for_pages) allow_any_origin(response);
  if (request.method == "OPTIONS" && endpoint->is_for_pages) {
    return write_preflight(endpoint->methods, response);
  }
  const std::string_view method = request.method == "HEAD" ? "GET" : request.method;
  const bool is_method =
      method == "GET" || method == "POST" || method == "PUT" || method == "DELETE";
  if (!is_method || !endpoint->methods.contains(method)) {
    net::write_problem(405, fmt::format("ask with {}", endpoint->methods), response);
    return response.headers.add("Allow", endpoint->methods);
  }
  Exchange exchange(request, surroundings, response);
  (exchange.*endpoint->answer)();
}

}  // namespace wardlock::oidc
