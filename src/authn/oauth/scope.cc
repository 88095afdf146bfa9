#include "authn/oauth/scope.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "authn/oauth/parameters.h"

namespace wardlock::oauth {
namespace {

constexpr std::size_t kMostScopes = 100;
constexpr std::size_t kMostScopeBytes = 256;
constexpr std::string_view kPermissions = "cruds";
constexpr std::array<std::pair<std::string_view, SmartLevel>, 3> kLevels = {
    {{"patient/", SmartLevel::kPatient},
     {"user/", SmartLevel::kUser},
     {"system/", SmartLevel::kSystem}}};

/// RFC 6749, 3.3.
bool is_scope_token(std::string_view text) {
  return text.size() <= kMostScopeBytes && std::ranges::all_of(text, [](char c) {
           return c > 0x20 && c < 0x7f && c != '"' && c != '\\';
         });
}

bool begins_as_smart(std::string_view text) {
  return std::ranges::any_of(kLevels,
                             [&](const auto& level) { return text.starts_with(level.first); });
}

bool is_resource(std::string_view text) {
  if (text == "*") return true;
  return !text.empty() && text[0] >= 'A' && text[0] <= 'Z' && std::ranges::all_of(text, [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
  });
}

/// Each at most once, in their order.
bool are_permissions(std::string_view text) {
  std::size_t at = 0;
  for (const char c : text) {
    const std::size_t found = kPermissions.find(c, at);
    if (found == std::string_view::npos) return false;
    at = found + 1;
  }
  return !text.empty();
}

}  // namespace

bool SmartScope::covers(const SmartScope& other) const {
  const bool has_all =
      std::ranges::all_of(other.permissions, [this](char c) { return permissions.contains(c); });
  return level == other.level && (resource == "*" || resource == other.resource) && has_all &&
         (search.empty() || search == other.search);
}

std::optional<SmartScope> read_smart_scope(std::string_view text) {
  for (const auto& [prefix, level] : kLevels) {
    if (!text.starts_with(prefix)) continue;
    text.remove_prefix(prefix.size());
    const std::size_t question = text.find('?');
    const std::string_view head = text.substr(0, question);
    const std::size_t dot = head.find('.');
    if (dot == std::string_view::npos) return std::nullopt;
    SmartScope scope{.level = level,
                     .resource = std::string(head.substr(0, dot)),
                     .permissions = std::string(head.substr(dot + 1))};
    if (question != std::string_view::npos) scope.search = text.substr(question + 1);
    const bool is_whole = is_resource(scope.resource) && are_permissions(scope.permissions) &&
                          (question == std::string_view::npos || scope.search.contains('='));
    if (!is_whole) return std::nullopt;
    return scope;
  }
  return std::nullopt;
}

Answer<std::vector<std::string>> read_scopes(std::string_view text) {
  std::vector<std::string> scopes = split_words(text);
  if (scopes.size() > kMostScopes) return refuse(Fault::kInvalidScope, "too many scopes");
  for (const std::string& scope : scopes) {
    const bool is_good =
        is_scope_token(scope) && (!begins_as_smart(scope) || read_smart_scope(scope));
    if (is_good) continue;
    return refuse(Fault::kInvalidScope,
                  fmt::format("the scope '{}' is malformed", descriptive(scope)));
  }
  return scopes;
}

Answer<void> check_scopes(const std::vector<std::string>& asked,
                          const std::vector<std::string>& allowed) {
  for (const std::string& scope : asked) {
    if (has_scope(allowed, scope)) continue;
    const auto smart = read_smart_scope(scope);
    const auto covers = [&](const std::string& other) {
      const auto known = read_smart_scope(other);
      return known && known->covers(*smart);
    };
    if (smart && std::ranges::any_of(allowed, covers)) continue;
    return refuse(Fault::kInvalidScope,
                  fmt::format("the client may not ask for the scope '{}'", descriptive(scope)));
  }
  return {};
}

Answer<void> check_scopes_of_person(const std::vector<std::string>& asked) {
  const auto is_system = [](const std::string& scope) { return scope.starts_with("system/"); };
  if (std::ranges::none_of(asked, is_system)) return {};
  return refuse(Fault::kInvalidScope, "scopes of system/ are for clients by themselves");
}

Answer<void> check_scopes_of_client(const std::vector<std::string>& asked) {
  constexpr auto kOfPersons = std::to_array<std::string_view>(
      {"openid", "profile", "email", "offline_access", "online_access", "fhirUser", "launch",
       "launch/patient", "launch/encounter", "iua", kAdministrationScope, kBreakGlassScope});
  for (const std::string& scope : asked) {
    const bool is_of_person = scope.starts_with("patient/") || scope.starts_with("user/") ||
                              std::ranges::find(kOfPersons, scope) != kOfPersons.end();
    if (!is_of_person) continue;
    return refuse(Fault::kInvalidScope,
                  fmt::format("the scope '{}' is for somebody who is signed in", scope));
  }
  return {};
}

bool has_scope(const std::vector<std::string>& scopes, std::string_view scope) {
  return std::ranges::find(scopes, scope) != scopes.end();
}

bool are_among(const std::vector<std::string>& some, const std::vector<std::string>& all) {
  return std::ranges::all_of(some, [&](const std::string& each) { return has_scope(all, each); });
}

const std::vector<std::string>& known_scopes() {
  static const std::vector<std::string> scopes = {"openid",
                                                  "profile",
                                                  "email",
                                                  "offline_access",
                                                  "online_access",
                                                  "fhirUser",
                                                  "launch/patient",
                                                  "launch",
                                                  "iua",
                                                  "patient/*.cruds",
                                                  "user/*.cruds",
                                                  "system/*.cruds",
                                                  std::string(kAdministrationScope),
                                                  std::string(kBreakGlassScope)};
  return scopes;
}

}  // namespace wardlock::oauth
