#include "api/admin/openapi_clients.h"

#include <array>
#include <string_view>

#include "authn/oauth/client.h"

namespace wardlock::admin {
namespace {

using boost::json::array;
using boost::json::object;

/// A member of the description of a client, as RFC 7591 or docs/openid-connect.md has it.
struct Member {
  std::string_view name;
  std::string_view type;  ///< in JSON Schema
  std::string_view about;
};

constexpr auto kMembers = std::to_array<Member>({
    {"client_name", "string", "For people who are asked for their consent"},
    {"application_type", "string", "`web` or `native`"},
    {"redirect_uris", "array", "Where answers may go, to the letter"},
    {"post_logout_redirect_uris", "array", "Where browsers may go after signing out"},
    {"backchannel_logout_uri", "string", "Which is told that a session ended"},
    {"grant_types", "array", "How it comes to tokens"},
    {"response_types", "array", "`code` alone"},
    {"token_endpoint_auth_method", "string", "How it proves which it is"},
    {"jwks", "object", "Its public keys"},
    {"jwks_uri", "string", "Where it publishes them instead"},
    {"tls_client_auth_san_dns", "string", "In its certificate"},
    {"tls_client_auth_san_uri", "string", "In its certificate"},
    {"dpop_bound_access_tokens", "boolean", "Tokens only with a proof of DPoP"},
    {"tls_client_certificate_bound_access_tokens", "boolean", "Tokens tied to its certificate"},
    {"scope", "string", "What it may ask for, with spaces between"},
    {"audiences", "array", "Whom its tokens may be for; the first is the usual one"},
    {"exchange_audiences", "array", "Of tokens that it may exchange"},
    {"directory_thing", "string", "The service, agent or device that it is"},
    {"require_consent", "boolean", "People are asked"},
    {"require_pushed_authorization_requests", "boolean", "Requests come by PAR only"},
    {"may_introspect", "boolean", "It may ask about tokens"},
    {"access_token_format", "string", "`jwt` or `opaque`"},
    {"access_token_lifetime", "integer", "In seconds"},
    {"refresh_token_lifetime", "integer", "In seconds"},
    {"refresh_token_idle_lifetime", "integer", "In seconds"},
    {"id_token_signed_response_alg", "string", "`ES256`"},
});

object schema_of(const Member& member, bool may_be_null) {
  object out{{"description", member.about}};
  out["type"] = may_be_null ? codec::Json(array{member.type, "null"}) : codec::Json(member.type);
  if (member.type == "array") out["items"] = object{{"type", "string"}};
  return out;
}

object described(bool may_be_null) {
  object out;
  for (const Member& each : kMembers) out[each.name] = schema_of(each, may_be_null);
  return out;
}

object closed(object properties, array required) {
  object out{{"type", "object"}};
  if (!required.empty()) out["required"] = std::move(required);
  out["properties"] = std::move(properties);
  out["additionalProperties"] = false;
  return out;
}

object typed(std::string_view type, std::string_view about) {
  return {{"type", type}, {"description", about}};
}

object with_reason(object properties) {
  properties["reason"] = object{{"type", array{"string", "null"}},
                                {"description", "Why, in words; goes on record"},
                                {"maxLength", 4096},
                                {"pattern", "^[^\\u0000]*$"}};
  return properties;
}

object kept() {
  object out = described(false);
  out.erase("response_types");
  out.erase("id_token_signed_response_alg");
  out["client_id"] = typed("string", "A UUID, or the name of one of Wardlock's own");
  out["enabled"] = typed("boolean", "False: nothing is given to it");
  out["self_registered"] = typed("boolean", "It came by RFC 7591");
  out["secrets"] = typed("integer", "How many it has");
  out["client_secret"] = typed("string", "New, and shown in this answer alone");
  out["version"] = typed("integer", "Counts its changes; also its `ETag`");
  for (const std::string_view name : {"createdAt", "changedAt"}) {
    out[name] = object{{"type", "string"}, {"format", "date-time"}};
  }
  return out;
}

object moment(std::string_view about) {
  return {{"type", "string"}, {"format", "date-time"}, {"description", about}};
}

void add_invitations(object& out) {
  object kept{
      {"id", typed("string", "Of the invitation, which is no secret")},
      {"invitedBy", typed("string", "Who invited; it counts for as long as they may")},
      {"note", typed("string", "For whom, in words")},
      {"scope", typed("string", "What clients may have that come with it; empty: as usual")},
      {"usesLeft", typed("integer", "So many clients may still come with it")},
      {"createdAt", moment("When")},
      {"expiresAt", moment("Until when it counts")},
      {"token", typed("string", "Shown in this answer alone")}};
  out["OAuthClientInvitation"] = closed(
      std::move(kept), {"id", "invitedBy", "note", "scope", "usesLeft", "createdAt", "expiresAt"});
  object list{{"type", "array"},
              {"items", object{{"$ref", "#/components/schemas/OAuthClientInvitation"}}}};
  out["OAuthClientInvitations"] = closed({{"items", std::move(list)}}, {"items"});
  object uses = typed("integer", "So many clients may come with it; usually one");
  uses["minimum"] = 1;
  uses["maximum"] = 100;
  out["NewOAuthClientInvitation"] =
      closed(with_reason({{"note", object{{"type", "string"}, {"maxLength", 200}}},
                          {"scope", typed("string", "What they may have; absent: as usual")},
                          {"uses", std::move(uses)},
                          {"expiresAt", moment("Within 30 days; absent: a day from now")}}),
             {});
}

}  // namespace

void add_client_schemas(object& out) {
  add_invitations(out);
  out["OAuthClient"] =
      closed(kept(), {"client_id", "client_name", "enabled", "version", "createdAt", "changedAt"});
  object list{{"type", "array"}, {"items", object{{"$ref", "#/components/schemas/OAuthClient"}}}};
  out["OAuthClients"] = closed({{"items", std::move(list)}}, {"items"});
  out["NewOAuthClient"] = closed(with_reason(described(true)), {"client_name"});
  out["OAuthClientPatch"] = closed(with_reason(described(true)), {});
  out["OAuthClientState"] = closed(
      with_reason({{"state", object{{"type", "string"}, {"enum", array{"enabled", "disabled"}}}}}),
      {"state"});
  out["OAuthClientSecret"] =
      closed(with_reason({{"endOthers", typed("boolean", "The secrets before end at once")}}), {});
}

}  // namespace wardlock::admin
