#include "config/directory_settings.h"

#include <fmt/format.h>

#include <chrono>
#include <map>
#include <string_view>
#include <utility>
#include <vector>

#include "config/setting.h"
#include "directory/registry/control_plane.h"

namespace wardlock::config {
namespace {

std::string text_of(const codec::Json& section, std::string_view name) {
  const codec::Json* value = section.get_object().if_contains(name);
  return value == nullptr ? std::string() : std::string(value->get_string());
}

std::map<std::string, std::string> map_of(const codec::Json& section, std::string_view name) {
  std::map<std::string, std::string> map;
  for (const auto& [key, value] : section.at(name).get_object()) {
    map.emplace(key, std::string(value.get_string()));
  }
  return map;
}

std::vector<std::string> texts_of(const codec::Json& section, std::string_view name) {
  std::vector<std::string> texts;
  for (const codec::Json& each : section.at(name).get_array()) {
    texts.emplace_back(each.get_string());
  }
  return texts;
}

std::chrono::milliseconds duration_of(const codec::Json& section, std::string_view name) {
  return *parse_duration(std::string(section.at(name).get_string()));
}

}  // namespace

secrets::KeySource key_source_of(const codec::Json& section,
                                 const std::function<void(std::string)>& refuse) {
  secrets::KeyToken token{.module = text_of(section, "module"),
                          .token = text_of(section, "token"),
                          .key = text_of(section, "key"),
                          .pin_file = text_of(section, "pin_file"),
                          .path = text_of(section, "file")};
  const std::string variable = text_of(section, "variable");
  if (token.path.empty() == variable.empty()) {
    refuse("a key is in a `file` or in a `variable`: give one of them");
  }
  const int parts = int{!token.module.empty()} + int{!token.token.empty()} +
                    int{!token.key.empty()} + int{!token.pin_file.empty()};
  if (parts == 0) {
    if (variable.empty()) return secrets::KeyFile{token.path};
    return secrets::KeyVariable{variable};
  }
  if (parts != 4 || token.path.empty()) {
    refuse("a token's key needs `module`, `token`, `key`, `pin_file` and `file`");
  }
  return token;
}

directory::LdapSource ldap_source_of(const std::string& name, const codec::Json& section,
                                     const std::function<void(std::string)>& refuse) {
  const auto flavour = text_of(section, "type") == "active-directory"
                           ? directory::LdapFlavour::kActiveDirectory
                           : directory::LdapFlavour::kStandard;
  const auto text_or = [&](std::string_view setting, std::string otherwise) {
    std::string text = text_of(section, setting);
    return text.empty() ? std::move(otherwise) : std::move(text);
  };
  directory::LdapSource source{
      .name = name,
      .tenant = text_of(section, "tenant"),
      .flavour = flavour,
      .url = text_of(section, "url"),
      .ca_file = text_of(section, "ca"),
      .bind_dn = text_of(section, "bind_dn"),
      .password_file = text_of(section, "password_file"),
      .base = text_of(section, "base"),
      .filter = text_or("filter", default_filter(flavour)),
      .disabled_filter = text_or("disabled_filter", default_disabled_filter(flavour)),
      .attributes = map_of(section, "attributes"),
      .group_base = text_of(section, "groups"),
      .group_filter = text_or("group_filter", default_group_filter(flavour)),
      .enters_groups = section.at("enter_groups").get_bool(),
      .roles = map_of(section, "roles"),
      .interval = duration_of(section, "interval"),
      .timeout = duration_of(section, "timeout")};
  source.most_leaving_percent =
      static_cast<int>(section.at("most_leaving_percent").to_number<std::int64_t>());
  if (source.attributes.empty()) source.attributes = default_attributes(flavour);
  if (source.enters_groups && source.group_base.empty()) {
    refuse("`enter_groups` needs `groups`: the DN below which those are that become groups here");
  }
  const auto checked = check_source(source);
  if (!checked) refuse(checked.error().message);
  return source;
}

directory::ReviewRules review_rules_of(const codec::Json& section,
                                       const std::function<void(std::string)>& refuse) {
  directory::ReviewRules rules{.interval = duration_of(section, "interval"),
                               .dormant_after = duration_of(section, "dormant_after"),
                               .invited_after = duration_of(section, "invited_after"),
                               .unused_after = duration_of(section, "unused_after"),
                               .old_after = duration_of(section, "old_after"),
                               .quarantined_after = duration_of(section, "quarantined_after"),
                               .unreviewed_after = duration_of(section, "unreviewed_after"),
                               .notice = duration_of(section, "notice")};
  const auto optional_of = [&](std::string_view name) -> std::optional<std::chrono::milliseconds> {
    if (!section.get_object().contains(name)) return std::nullopt;
    return duration_of(section, name);
  };
  rules.suspend_dormant_after = optional_of("suspend_dormant_after");
  rules.leave_after_contract = optional_of("leave_after_contract");
  if (rules.suspend_dormant_after && *rules.suspend_dormant_after < rules.dormant_after) {
    refuse(
        "`suspend_dormant_after` must not be less than `dormant_after`: nobody is suspended "
        "who was not told of before");
  }
  return rules;
}

access::GlassRules glass_rules_of(const codec::Json& section,
                                  const std::function<void(std::string)>& refuse) {
  access::GlassRules rules;
  for (const auto& [code, reason] : section.at("reasons").get_object()) {
    rules.reasons.push_back({.code = std::string(code),
                             .about = text_of(reason, "about"),
                             .actions = texts_of(reason, "actions"),
                             .waives = texts_of(reason, "waives")});
  }
  rules.lasts_ms = duration_of(section, "lasts").count();
  rules.most_ms = duration_of(section, "at_most").count();
  rules.warn_before_ms = duration_of(section, "warn_before").count();
  rules.shift_ms = duration_of(section, "shift").count();
  rules.per_shift = section.at("per_shift").to_number<std::size_t>();
  rules.authenticated_within_ms = duration_of(section, "authenticated_within").count();
  rules.review_within_ms = duration_of(section, "review_within").count();
  rules.escalated_review_within_ms = duration_of(section, "escalated_review_within").count();
  const codec::Json& tells = section.at("tells");
  rules.tells = {.team = tells.at("team").get_bool(),
                 .roles = texts_of(tells, "roles"),
                 .patient = tells.at("patient").get_bool()};
  if (const auto checked = check_rules(rules); !checked) refuse(checked.error().message);
  return rules;
}

access::RoleRequestRules role_request_rules_of(const codec::Json& section, std::int64_t longest_ms,
                                               const std::function<void(std::string)>& refuse) {
  const access::RoleRequestRules rules{
      .lasts_ms = duration_of(section, "lasts").count(),
      .most_ms = duration_of(section, "at_most").count(),
      .answer_within_ms = duration_of(section, "answer_within").count()};
  if (const auto checked = check_rules(rules, longest_ms); !checked)
    refuse(checked.error().message);
  return rules;
}

directory::RoleRule role_rule_of(const std::string& name, const codec::Json& section,
                                 const std::function<void(std::string)>& refuse) {
  directory::RoleRule rule{.name = name,
                           .tenant = text_of(section, "tenant"),
                           .role = text_of(section, "role"),
                           .organisation = text_of(section, "organisation"),
                           .location = text_of(section, "location"),
                           .title = text_of(section, "title"),
                           .employment_type = text_of(section, "employment_type"),
                           .is_in_place = section.at("in_place").get_bool(),
                           .grace = duration_of(section, "grace")};
  if (directory::is_reserved_role_name(rule.role)) {
    refuse(
        fmt::format("`{}` is a role of Wardlock's own administration: people give it to people, "
                    "and no rule does",
                    rule.role));
  }
  return rule;
}

}  // namespace wardlock::config
