#include "authn/oauth/people.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "authn/oauth/scope.h"
#include "directory/registry/control_plane.h"
#include "directory/registry/links.h"

namespace wardlock::oauth {
namespace {

using boost::json::object;
using directory::Thing;
using storage::Work;

constexpr std::string_view kPurposeSystem = "urn:oid:2.16.840.1.113883.1.11.20448";
constexpr std::string_view kRoleSystem = "urn:wardlock:role";

Result<std::optional<Thing>> find_thing(Work& work, std::string_view tenant, std::string_view id) {
  const std::array<std::string, 1> ids = {std::string(id)};
  std::vector<Thing> found = TRY(directory::find_things(work, tenant, ids));
  if (found.empty()) return std::nullopt;
  return std::move(found.front());
}

std::string_view text_of(const object& json, std::string_view name) {
  const codec::Json* value = json.if_contains(name);
  return value != nullptr && value->is_string() ? std::string_view(value->get_string()) : "";
}

void copy_text(const object& from, std::string_view name, std::string_view claim, object& to) {
  const std::string_view text = text_of(from, name);
  if (!text.empty()) to[claim] = text;
}

/// The name that others see, however it is known.
std::string name_of(const object& person) {
  const std::string_view shown = text_of(person, "displayName");
  if (!shown.empty()) return std::string(shown);
  const codec::Json* name = person.if_contains("name");
  if (name == nullptr || !name->is_object()) return {};
  const std::string_view formatted = text_of(name->get_object(), "formatted");
  if (!formatted.empty()) return std::string(formatted);
  const std::string whole = fmt::format("{} {}", text_of(name->get_object(), "givenName"),
                                        text_of(name->get_object(), "familyName"));
  const std::size_t begin = whole.find_first_not_of(' ');
  if (begin == std::string::npos) return {};
  return whole.substr(begin, whole.find_last_not_of(' ') - begin + 1);
}

void add_profile(const Thing& person, object& claims) {
  const object& known = person.document.json();
  if (const std::string name = name_of(known); !name.empty()) claims["name"] = name;
  if (const codec::Json* name = known.if_contains("name"); name != nullptr && name->is_object()) {
    copy_text(name->get_object(), "familyName", "family_name", claims);
    copy_text(name->get_object(), "givenName", "given_name", claims);
    copy_text(name->get_object(), "middleName", "middle_name", claims);
  }
  copy_text(known, "userName", "preferred_username", claims);
  copy_text(known, "nickName", "nickname", claims);
  copy_text(known, "profileUrl", "profile", claims);
  copy_text(known, "locale", "locale", claims);
  copy_text(known, "timezone", "zoneinfo", claims);
  claims["updated_at"] = person.changed_ms / 1000;
}

/// The one to use, or else the first. Nobody has verified that it is theirs.
void add_email(const object& person, object& claims) {
  const codec::Json* emails = person.if_contains("emails");
  if (emails == nullptr || !emails->is_array()) return;
  std::string_view address;
  for (const codec::Json& each : emails->get_array()) {
    if (!each.is_object()) continue;
    const codec::Json* primary = each.get_object().if_contains("primary");
    const bool is_primary = primary != nullptr && primary->is_bool() && primary->get_bool();
    if (address.empty() || is_primary) address = text_of(each.get_object(), "value");
  }
  if (address.empty()) return;
  claims["email"] = address;
  claims["email_verified"] = false;
}

Result<boost::json::array> role_codes(Work& work, std::string_view tenant, std::string_view person,
                                      std::int64_t now_ms) {
  const std::array<std::string, 1> ids = {std::string(person)};
  const auto links = TRY(directory::find_links(work, tenant, directory::End::kSubject, ids,
                                               directory::Relation::kRoleAssignment, now_ms));
  std::vector<std::string> roles;
  for (const directory::Link& link : links) roles.push_back(link.object);
  std::vector<std::string> names;
  for (const Thing& role : TRY(directory::find_things(work, tenant, roles))) {
    names.emplace_back(text_of(role.document.json(), "displayName"));
  }
  std::ranges::sort(names);
  boost::json::array codes;
  for (const std::string& name : names) {
    codes.push_back({{"system", kRoleSystem}, {"code", name}});
  }
  return codes;
}

}  // namespace

Answer<bool> is_agent(Work& work, std::string_view tenant, std::string_view thing) {
  const auto found = TRY(find_thing(work, tenant, thing));
  return !found || found->kind == directory::Kind::kAgent;
}

Answer<void> check_in_force(Work& work, std::string_view tenant, std::string_view thing) {
  const auto found = TRY(find_thing(work, tenant, thing));
  if (found && directory::is_in_force(*found)) return {};
  return refuse(Fault::kInvalidGrant, "whom this is about is not active");
}

std::string fhir_user(const Grant& grant) {
  std::string resource = "Practitioner/" + grant.person;
  if (grant.audiences.empty() || !grant.audiences.front().starts_with("http")) return resource;
  const std::string& base = grant.audiences.front();
  return fmt::format("{}{}{}", base, base.ends_with('/') ? "" : "/", resource);
}

Answer<object> person_claims(Work& work, std::string_view tenant, const Grant& grant) {
  object claims;
  claims["sub"] = grant.subject();
  if (grant.person.empty()) return claims;
  const auto person = TRY(find_thing(work, tenant, grant.person));
  if (!person || !directory::is_in_force(*person)) {
    return refuse(Fault::kInvalidToken, "whom the token is about is not active");
  }
  if (has_scope(grant.scopes, "profile")) add_profile(*person, claims);
  if (has_scope(grant.scopes, "email")) add_email(person->document.json(), claims);
  if (has_scope(grant.scopes, "fhirUser")) claims["fhirUser"] = fhir_user(grant);
  return claims;
}

Answer<object> iua_claims(Work& work, std::string_view tenant, const Grant& grant,
                          std::int64_t now_ms) {
  object iua;
  const auto person = TRY(find_thing(work, tenant, grant.person));
  if (!person) return iua;
  const object& known = person->document.json();
  if (const std::string name = name_of(known); !name.empty()) iua["subject_name"] = name;
  copy_text(known, "organization", "subject_organization", iua);
  copy_text(known, "npi", "national_provider_identifier", iua);
  boost::json::array roles = TRY(role_codes(work, tenant, grant.person, now_ms));
  if (!roles.empty()) iua["subject_role"] = std::move(roles);
  if (!grant.purpose_of_use.empty()) {
    iua["purpose_of_use"] =
        boost::json::array{{{"system", kPurposeSystem}, {"code", grant.purpose_of_use}}};
  }
  if (!grant.patient.empty()) iua["person_id"] = grant.patient;
  return iua;
}

bool is_purpose_of_use(std::string_view text) {
  return !text.empty() && text.size() <= 16 &&
         std::ranges::all_of(text, [](char c) { return c >= 'A' && c <= 'Z'; });
}

}  // namespace wardlock::oauth
