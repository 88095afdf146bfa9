#include "config/foreign_provider.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

#include "config/setting.h"
#include "jose/jwk.h"

namespace wardlock::config {
namespace {

using authn::AssuranceLevel;
using codec::Json;

std::string text_of(const Json& section, std::string_view name) {
  return std::string(section.at(name).get_string());
}

std::vector<std::string> texts_of(const Json& section, std::string_view name) {
  std::vector<std::string> out;
  for (const Json& item : section.at(name).get_array()) out.emplace_back(item.get_string());
  return out;
}

/// Of the table's words.
AssuranceLevel level_of(std::string_view word) {
  if (word == "aal3") return AssuranceLevel::kAal3;
  return word == "aal2" ? AssuranceLevel::kAal2 : AssuranceLevel::kAal1;
}

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  while (!text.empty()) {
    const std::size_t blank = std::min(text.find(' '), text.size());
    if (blank > 0) words.emplace_back(text.substr(0, blank));
    text.remove_prefix(std::min(blank + 1, text.size()));
  }
  return words;
}

authn::AssuranceTable table_of(const Json& section) {
  authn::AssuranceTable table;
  for (const auto& [acr, level] : section.at("acr").get_object()) {
    table.by_acr.emplace(acr, level_of(level.get_string()));
  }
  for (const auto& [methods, level] : section.at("amr").get_object()) {
    table.by_methods.push_back(
        {.methods = words_of(methods), .level = level_of(level.get_string())});
  }
  return table;
}

}  // namespace

ForeignProvider foreign_provider_of(const std::string& name, const std::string& tenant,
                                    const Json& section, const ForeignProviderPlace& place,
                                    const std::function<void(std::string)>& refuse) {
  ForeignProvider provider{.label = text_of(section, "label"),
                           .secret_file = text_of(section, "secret_file"),
                           .may_be_linked_by_people = text_of(section, "linked_by") == "people"};
  authn::ProviderSettings& settings = provider.settings;
  settings.name = name;
  settings.tenant = tenant;
  settings.issuer = text_of(section, "issuer");
  settings.client_id = text_of(section, "client_id");
  settings.scopes = texts_of(section, "scopes");
  settings.acr_values = texts_of(section, "acr_values");
  settings.max_age = std::chrono::duration_cast<std::chrono::seconds>(
      *parse_duration(text_of(section, "max_age")));
  settings.rsa_algorithm = *jose::signature_algorithm(text_of(section, "rsa_algorithm"));
  settings.assurance = table_of(section);
  if (place.public_url.empty()) {
    refuse("people come back from it to `public_url`, which must be set");
    return provider;
  }
  settings.redirect_uri = fmt::format("{}{}/sign-in/with/{}", place.public_url,
                                      place.is_only_tenant ? std::string() : "/" + tenant, name);
  if (const auto checked = authn::check_provider(settings); !checked) {
    refuse(checked.error().message);
    return provider;
  }
  const auto egress = net::Egress::create(place.egress);
  if (egress && !egress->check(settings.issuer)) {
    refuse("it may not be asked: `authentication.egress.origins` does not name its origin");
  }
  return provider;
}

}  // namespace wardlock::config
