#include "authn/oauth/grant.h"

#include <fmt/format.h>

#include "authn/oauth/scope.h"

namespace wardlock::oauth {
namespace {

/// With it a grant goes on when its session has ended (OpenID Connect Core, 11).
constexpr std::string_view kOfflineScope = "offline_access";

constexpr std::string_view kAcrPrefix = "http://idmanagement.gov/ns/assurance/aal/";

boost::json::array to_array(const std::vector<std::string>& texts) {
  return boost::json::array(texts.begin(), texts.end());
}

/// Reads what `grant_text` wrote.
class KeptObject {
 public:
  explicit KeptObject(const boost::json::object& json) : json_(json) {}

  std::string text(std::string_view name) const {
    const codec::Json* value = json_.if_contains(name);
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : "";
  }
  std::int64_t integer(std::string_view name) const {
    const codec::Json* value = json_.if_contains(name);
    return value != nullptr && value->is_int64() ? value->get_int64() : 0;
  }
  std::vector<std::string> texts(std::string_view name) const {
    std::vector<std::string> texts;
    const codec::Json* value = json_.if_contains(name);
    if (value == nullptr || !value->is_array()) return texts;
    for (const codec::Json& each : value->get_array()) {
      if (each.is_string()) texts.emplace_back(std::string_view(each.get_string()));
    }
    return texts;
  }
  codec::Json value(std::string_view name) const {
    const codec::Json* value = json_.if_contains(name);
    return value == nullptr ? codec::Json(nullptr) : *value;
  }

 private:
  const boost::json::object& json_;
};

}  // namespace

std::string acr_of(std::int64_t level) {
  return level < 1 || level > 3 ? std::string() : fmt::format("{}{}", kAcrPrefix, level);
}

std::int64_t level_of(std::string_view acr) {
  for (std::int64_t level = 1; level <= 3; ++level) {
    if (acr == acr_of(level)) return level;
  }
  return 0;
}

bool Grant::is_offline() const { return has_scope(scopes, kOfflineScope); }

std::chrono::seconds lifetime_of(const Client& client, const std::vector<std::string>& scopes) {
  return has_scope(scopes, kOfflineScope) ? client.refresh_lifetime : std::chrono::seconds(0);
}

std::string grant_text(const Grant& grant) {
  boost::json::object json;
  json["id"] = grant.id;
  json["client"] = grant.client;
  json["issuer"] = grant.issuer;
  json["person"] = grant.person;
  json["session"] = grant.session;
  json["parent"] = grant.parent;
  json["type"] = to_string(grant.type);
  json["scopes"] = to_array(grant.scopes);
  json["audiences"] = to_array(grant.audiences);
  json["level"] = grant.authentication.level;
  json["methods"] = to_array(grant.authentication.methods);
  json["authenticated_ms"] = grant.authentication.at_ms;
  json["dpop_key"] = grant.binding.dpop_key;
  json["certificate"] = grant.binding.certificate;
  json["actor"] = grant.actor;
  json["patient"] = grant.patient;
  json["encounter"] = grant.encounter;
  json["purpose_of_use"] = grant.purpose_of_use;
  json["nonce"] = grant.nonce;
  json["made_ms"] = grant.made_ms;
  json["ends_ms"] = grant.ends_ms;
  return codec::to_json_text(codec::Json(std::move(json)));
}

Result<Grant> read_grant_text(std::string_view text) {
  const auto parsed = codec::parse_json(text);
  if (!parsed || !parsed->is_object()) {
    return fail(ErrorCode::kDataLoss, "a grant is kept wrongly");
  }
  const KeptObject kept(parsed->get_object());
  const auto type = find_grant_type(kept.text("type"));
  if (!type) return fail(ErrorCode::kDataLoss, "a grant is of a type that is not known");
  return Grant{
      .id = kept.text("id"),
      .client = kept.text("client"),
      .issuer = kept.text("issuer"),
      .person = kept.text("person"),
      .session = kept.text("session"),
      .parent = kept.text("parent"),
      .type = *type,
      .scopes = kept.texts("scopes"),
      .audiences = kept.texts("audiences"),
      .authentication = {.level = kept.integer("level"),
                         .methods = kept.texts("methods"),
                         .at_ms = kept.integer("authenticated_ms")},
      .binding = {.dpop_key = kept.text("dpop_key"), .certificate = kept.text("certificate")},
      .actor = kept.value("actor"),
      .patient = kept.text("patient"),
      .encounter = kept.text("encounter"),
      .purpose_of_use = kept.text("purpose_of_use"),
      .nonce = kept.text("nonce"),
      .made_ms = kept.integer("made_ms"),
      .ends_ms = kept.integer("ends_ms")};
}

}  // namespace wardlock::oauth
