#include "api/oidc/registration.h"

#include <fmt/format.h>

#include <optional>
#include <string>
#include <utility>

#include "api/oidc/reply.h"
#include "codec/json.h"

namespace wardlock::oidc {
namespace {

using boost::json::object;
using net::HttpRequest;
using net::HttpResponse;
using oauth::Answer;
using oauth::Fault;
using oauth::Refusal;
using oauth::RegisteredClient;

constexpr codec::JsonLimits kMetadataLimits = {
    .max_bytes = std::size_t{64} << 10, .max_depth = 16, .max_members = 200};

/// Nothing: none came.
std::optional<std::string_view> bearer_token(const HttpRequest& request) {
  constexpr std::string_view kScheme = "Bearer ";
  const std::string_view value = request.header("Authorization").value_or("");
  if (value.size() <= kScheme.size() ||
      !net::equal_ignoring_case(value.substr(0, kScheme.size()), kScheme)) {
    return std::nullopt;
  }
  return value.substr(kScheme.size());
}

Answer<object> read_metadata(const HttpRequest& request) {
  const std::string_view type = request.header("Content-Type").value_or("");
  if (!net::equal_ignoring_case(type.substr(0, type.find_first_of("; \t")), "application/json")) {
    return oauth::refuse(Fault::kInvalidClientMetadata, "send application/json");
  }
  auto metadata = codec::parse_json(request.body, kMetadataLimits);
  if (metadata && metadata->is_object()) return std::move(metadata->get_object());
  return oauth::refuse(Fault::kInvalidClientMetadata,
                       "the description of a client is a JSON object");
}

/// RFC 7591, 3.2.1; RFC 7592, 3: all that is registered, and with what it is looked after.
object told(const Surroundings& with, const oauth::KeptClient& kept, std::string_view token) {
  object json = to_json(kept.client);
  json["response_types"] = boost::json::array{"code"};
  json["id_token_signed_response_alg"] = "ES256";
  json["client_id_issued_at"] = kept.made_ms / 1000;
  json["registration_client_uri"] =
      fmt::format("{}{}/{}", with.occasion.issuer, kRegistrationPath, kept.client.id);
  json["registration_access_token"] = token;
  return json;
}

void write_registered(int status, const Surroundings& with, const RegisteredClient& registered,
                      HttpResponse& response) {
  object json = told(with, registered.kept, registered.registration_token.reveal());
  if (registered.secret) {
    json["client_secret"] = registered.secret->reveal();
    json["client_secret_expires_at"] = 0;
  }
  if (!registered.software_statement.empty()) {
    json["software_statement"] = registered.software_statement;
  }
  write_json(status, json, response);
}

/// RFC 6750, 3.1: who brought no token is told to, and nothing of what was wrong.
void ask_for_token(HttpResponse& response) {
  net::write_problem(401, "register with an invitation as a bearer token; the house gives them",
                     response);
  response.headers.add("WWW-Authenticate", "Bearer realm=\"wardlock\"");
}

void refuse(const Refusal& refusal, bool has_token, HttpResponse& response) {
  if (refusal.fault == Fault::kInvalidToken) return write_challenge(refusal, false, response);
  if (refusal.fault != Fault::kAccessDenied) return write_refusal(refusal, response);
  if (!has_token) return ask_for_token(response);
  write_json(403, {{"error", to_string(refusal.fault)}, {"error_description", refusal.description}},
             response);
}

}  // namespace

void register_client(const HttpRequest& request, const Surroundings& with, HttpResponse& response) {
  if (!with.may_register) {
    return write_refusal({Fault::kRegistrationNotSupported, "clients are registered by the house"},
                         response);
  }
  const auto token = bearer_token(request);
  const auto registered = [&]() -> Answer<RegisteredClient> {
    const object metadata = TRY(read_metadata(request));
    return with.provider.registrations.enter(
        with.occasion,
        {.metadata = metadata, .token = token, .source_address = request.remote_address},
        with.may_register);
  }();
  if (!registered) return refuse(registered.error(), token.has_value(), response);
  write_registered(201, with, *registered, response);
}

void manage_registration(const HttpRequest& request, const Surroundings& with,
                         HttpResponse& response) {
  const auto token = bearer_token(request);
  if (!token) return ask_for_token(response);
  const oauth::Registrations::Management which{
      .client = request.path.substr(kRegistrationPath.size() + 1),
      .token = *token,
      .source_address = request.remote_address};
  oauth::Registrations& registrations = with.provider.registrations;
  if (request.method == "PUT") {
    const auto replaced = [&]() -> Answer<RegisteredClient> {
      const object metadata = TRY(read_metadata(request));
      return registrations.replace(with.occasion, which, metadata);
    }();
    if (!replaced) return refuse(replaced.error(), true, response);
    return write_registered(200, with, *replaced, response);
  }
  if (request.method == "DELETE") {
    const auto removed = registrations.remove(with.occasion, which);
    if (!removed) return refuse(removed.error(), true, response);
    response.status = 204;
    return response.headers.add("Cache-Control", "no-store");
  }
  const auto read = registrations.read(with.occasion, which);
  if (!read) return refuse(read.error(), true, response);
  write_json(200, told(with, *read, *token), response);
}

}  // namespace wardlock::oidc
