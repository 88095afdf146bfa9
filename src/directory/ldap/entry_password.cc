#include "directory/ldap/entry_password.h"

#include <fmt/format.h>

#include <optional>
#include <string>
#include <utility>
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

/// Nothing has it: the nil UUID (RFC 9562, 5.9).
constexpr std::string_view kNobody = "00000000-0000-0000-0000-000000000000";

/// An entry that may sign in, or what is said of it without its password.
struct Found {
  std::string dn = {};  ///< empty: none
  PasswordVerdict verdict = PasswordVerdict::kWrong;
};

/// As many questions whether it is there or not.
Result<Found> find_entry(const LdapSource& source, LdapConnection& reader, std::string_view id) {
  const auto own = filter_for(source, id);
  const std::string filter = own ? *own : *filter_for(source, kNobody);
  auto dns = TRY(find(source, reader, filter, id));
  bool is_disabled = false;
  if (!source.disabled_filter.empty()) {
    is_disabled = !TRY(find(source, reader, both(filter, source.disabled_filter), id)).empty();
  }
  if (dns.size() != 1) return Found();
  if (is_disabled) return Found{.verdict = PasswordVerdict::kDisabled};
  return Found{.dn = std::move(dns.front())};
}

}  // namespace

Result<PasswordVerdict> check_entry_password(const LdapSource& source, std::string_view id,
                                             const Secret& password, const std::stop_token& stop) {
  if (password.empty()) return PasswordVerdict::kWrong;
  LdapConnection reader = TRY(LdapConnection::open(source, stop));
  const Found found = TRY(find_entry(source, reader, id));
  if (!found.dn.empty()) {
    return LdapConnection::try_password(source, found.dn, password, stop);
  }
  // Else the time would tell who is there. What was typed is sent to nobody but its owner's entry.
  const std::string nobody = fmt::format("cn={},{}", kNobody, source.base);
  TRY(LdapConnection::try_password(source, nobody, Secret("nobody"), stop));
  return found.verdict;
}

Result<void> ask_for_nobody(const LdapSource& source, const std::stop_token& stop) {
  TRY(check_entry_password(source, kNobody, Secret("nobody"), stop));
  return {};
}

}  // namespace wardlock::directory
