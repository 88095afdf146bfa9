#include "directory/ldap/entry_password.h"

#include <fmt/format.h>

#include <optional>
#include <string>
#include <vector>

#include "directory/ldap/account.h"
#include "directory/ldap/connection.h"
#include "directory/ldap/ldap_text.h"

namespace wardlock::directory {
namespace {

/// The entry with that id, or nothing where it can be none.
std::optional<std::string> filter_for(const LdapSource& source, std::string_view id) {
  const auto value =
      source.flavour == LdapFlavour::kActiveDirectory ? guid_filter_value(id) : uuid_text(id);
  if (!value) return std::nullopt;
  return both(source.filter, fmt::format("({}={})", id_attribute(source.flavour), *value));
}

/// The DNs that a filter finds, whose entries have that id.
Result<std::vector<std::string>> find(const LdapSource& source, LdapConnection& reader,
                                      const std::string& filter, std::string_view id) {
  std::vector<std::string> dns;
  const auto keep = [&](const LdapEntry& entry) -> Result<void> {
    if (account_id(source, entry) == id) dns.push_back(entry.dn);
    return {};
  };
  TRY_VOID(reader.search({.base = source.base,
                          .filter = filter,
                          .attributes = {std::string(id_attribute(source.flavour))}},
                         keep));
  return dns;
}

}  // namespace

Result<PasswordVerdict> check_entry_password(const LdapSource& source, std::string_view id,
                                             const Secret& password, const std::stop_token& stop) {
  const auto filter = filter_for(source, id);
  if (!filter || password.empty()) return PasswordVerdict::kWrong;
  LdapConnection reader = TRY(LdapConnection::open(source, stop));
  const auto dns = TRY(find(source, reader, *filter, id));
  if (dns.size() != 1) return PasswordVerdict::kWrong;
  if (!source.disabled_filter.empty()) {
    const auto disabled = TRY(find(source, reader, both(*filter, source.disabled_filter), id));
    if (!disabled.empty()) return PasswordVerdict::kDisabled;
  }
  return LdapConnection::try_password(source, dns.front(), password, stop);
}

}  // namespace wardlock::directory
