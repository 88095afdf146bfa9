#include "webauthn/response_json.h"

#include <utility>

#include "codec/base64url.h"
#include "codec/json.h"

namespace wardlock::webauthn {
namespace {

using boost::json::object;

constexpr codec::JsonLimits kLimits = {
    .max_bytes = std::size_t{64} << 10, .max_depth = 16, .max_members = 64};

/// The bytes of a member.
Outcome<std::string> bytes_of(const object& json, std::string_view name) {
  const auto* value = json.if_contains(name);
  if (value == nullptr || !value->is_string()) {
    return fail(Step::kForm, "`" + std::string(name) + "` is missing");
  }
  auto bytes = codec::from_base64url(std::string_view(value->get_string()));
  if (!bytes || bytes->empty()) {
    return fail(Step::kForm, "`" + std::string(name) + "` is not base64url");
  }
  return *std::move(bytes);
}

/// What both answers have around them. `json` keeps what `response` points to.
struct Envelope {
  codec::Json json;
  std::string credential_id;

  const object& response() const { return json.get_object().at("response").get_object(); }
};

Outcome<Envelope> read_envelope(std::string_view text) {
  auto json = codec::parse_json(text, kLimits);
  if (!json) return fail(Step::kForm, std::move(json).error().message);
  if (!json->is_object()) return fail(Step::kForm, "an object is wanted");
  const object& whole = json->get_object();
  const auto* type = whole.if_contains("type");
  if (type == nullptr || !type->is_string() || type->get_string() != "public-key") {
    return fail(Step::kForm, "`type` is not `public-key`");
  }
  std::string id = TRY(bytes_of(whole, "rawId"));
  // Where both are there they are one.
  if (const auto* other = whole.if_contains("id"); other != nullptr) {
    if (TRY(bytes_of(whole, "id")) != id) return fail(Step::kForm, "`id` is not `rawId`");
  }
  const auto* response = whole.if_contains("response");
  if (response == nullptr || !response->is_object()) {
    return fail(Step::kForm, "`response` is missing");
  }
  return Envelope{.json = *std::move(json), .credential_id = std::move(id)};
}

}  // namespace

Outcome<ReadRegistration> read_registration_json(std::string_view json) {
  Envelope envelope = TRY(read_envelope(json));
  ReadRegistration read;
  read.client_data_json = TRY(bytes_of(envelope.response(), "clientDataJSON"));
  read.attestation_object = TRY(bytes_of(envelope.response(), "attestationObject"));
  read.credential_id = std::move(envelope.credential_id);
  return read;
}

Outcome<ReadAssertion> read_assertion_json(std::string_view json) {
  Envelope envelope = TRY(read_envelope(json));
  const object& response = envelope.response();
  ReadAssertion read;
  read.client_data_json = TRY(bytes_of(response, "clientDataJSON"));
  read.authenticator_data = TRY(bytes_of(response, "authenticatorData"));
  read.signature = TRY(bytes_of(response, "signature"));
  const auto* handle = response.if_contains("userHandle");
  if (handle != nullptr && !handle->is_null())
    read.user_handle = TRY(bytes_of(response, "userHandle"));
  read.credential_id = std::move(envelope.credential_id);
  return read;
}

}  // namespace wardlock::webauthn
