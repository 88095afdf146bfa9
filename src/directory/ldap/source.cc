#include "directory/ldap/source.h"

#include <fmt/format.h>

#include <algorithm>

#include "directory/ldap/account.h"
#include "directory/ldap/ldap_text.h"

namespace wardlock::directory {
namespace {

bool is_active_directory(LdapFlavour flavour) { return flavour == LdapFlavour::kActiveDirectory; }

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= 40 && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

Result<void> check_filter(std::string_view setting, const std::string& filter) {
  if (is_filter(filter)) return {};
  return invalid(fmt::format(
      "`{}` is `{}`, which is no filter: it is one, in parentheses, e.g. `(objectClass=person)`",
      setting, filter));
}

Result<void> check_dn(std::string_view setting, const std::string& dn) {
  if (normalise_dn(dn)) return {};
  return invalid(fmt::format("`{}` is `{}`, which is no DN", setting, dn));
}

}  // namespace

std::string default_filter(LdapFlavour flavour) {
  return is_active_directory(flavour) ? "(&(objectCategory=person)(objectClass=user))"
                                      : "(objectClass=inetOrgPerson)";
}

std::string default_disabled_filter(LdapFlavour flavour) {
  // [MS-ADTS] 2.2.16: ADS_UF_ACCOUNT_DISABLE. Elsewhere the password policy's permanent lock.
  return is_active_directory(flavour) ? "(userAccountControl:1.2.840.113556.1.4.803:=2)"
                                      : "(pwdAccountLockedTime=000001010000Z)";
}

std::string default_group_filter(LdapFlavour flavour) {
  return is_active_directory(flavour)
             ? "(objectClass=group)"
             : "(|(objectClass=groupOfNames)(objectClass=groupOfUniqueNames)"
               "(objectClass=posixGroup))";
}

std::map<std::string, std::string> default_attributes(LdapFlavour flavour) {
  std::map<std::string, std::string> attributes = {{"name.givenName", "givenName"},
                                                   {"name.familyName", "sn"},
                                                   {"emails", "mail"},
                                                   {"phoneNumbers", "telephoneNumber"},
                                                   {"title", "title"},
                                                   {"employeeNumber", "employeeNumber"},
                                                   {"manager", "manager"}};
  if (is_active_directory(flavour)) {
    attributes["userName"] = "sAMAccountName";
    attributes["displayName"] = "displayName";
    attributes["department"] = "department";
  } else {
    attributes["userName"] = "uid";
    attributes["displayName"] = "cn";
  }
  return attributes;
}

std::string_view id_attribute(LdapFlavour flavour) {
  return is_active_directory(flavour) ? "objectGUID" : "entryUUID";
}

std::string_view change_attribute(LdapFlavour flavour) {
  return is_active_directory(flavour) ? "uSNChanged" : "modifyTimestamp";
}

Result<void> check_source(const LdapSource& source) {
  if (!is_name(source.name)) {
    return invalid(fmt::format("`{}` is no name of a source: up to 40 of a to z, 0 to 9 and `-`",
                               source.name));
  }
  if (!source.url.starts_with("ldaps://") && !source.url.starts_with("ldap://")) {
    return invalid(
        fmt::format("`{}` is no URL of an LDAP server: it begins with `ldaps://`, or with "
                    "`ldap://` for StartTLS",
                    source.url));
  }
  TRY_VOID(check_dn("bind_dn", source.bind_dn));
  TRY_VOID(check_dn("base", source.base));
  TRY_VOID(check_dn("group_base", source.group_base));
  TRY_VOID(check_filter("filter", source.filter));
  TRY_VOID(check_filter("group_filter", source.group_filter));
  if (!source.disabled_filter.empty()) {
    TRY_VOID(check_filter("disabled_filter", source.disabled_filter));
  }
  for (const auto& [path, attribute] : source.attributes) {
    TRY_VOID(check_mapped_attribute(path));
    if (is_attribute_name(attribute)) continue;
    return invalid(fmt::format("`{}` is no name of an LDAP attribute", attribute));
  }
  if (!source.attributes.contains("userName")) {
    return invalid("`attributes` says nothing of `userName`, which every person has");
  }
  for (const auto& [group, role] : source.roles) {
    TRY_VOID(check_dn("roles", group));
    if (!role.starts_with("Wardlock::")) continue;
    return invalid(fmt::format(
        "`{}` is a role of Wardlock's own administration, which no other directory gives", role));
  }
  return {};
}

std::string external_id_prefix(const LdapSource& source) {
  return fmt::format("ldap:{}:", source.name);
}

std::string actor_of(const LdapSource& source) { return fmt::format("ldap:{}", source.name); }

}  // namespace wardlock::directory
