#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"

namespace wardlock::directory {

/// How an LDAP server names things that no standard fixes.
enum class LdapFlavour : std::uint8_t { kStandard, kActiveDirectory };

/// An LDAP directory that people come from.
struct LdapSource {
  std::string name;    ///< `[a-z0-9-]+`; part of where its people come from, so it stays
  std::string tenant;  ///< whose people they are
  LdapFlavour flavour = LdapFlavour::kStandard;

  /// `ldaps://host[:port]`, or `ldap://host[:port]`, which StartTLS makes safe. Nothing is ever
  /// sent in the clear.
  std::string url;
  std::string ca_file;        ///< PEM; empty: the system's
  std::string bind_dn;        ///< with the password, a simple bind
  std::string password_file;  ///< the first line; 0600

  std::string base;    ///< the DN below which people are searched
  std::string filter;  ///< RFC 4515; who of them
  /// Of those, whose account is disabled; empty: nobody's.
  std::string disabled_filter;
  /// What a person's attributes come from: `name.givenName` -> `givenName`. Has `userName`.
  std::map<std::string, std::string> attributes;

  std::string group_base;      ///< empty: `base`
  std::string group_filter;    ///< RFC 4515
  bool enters_groups = false;  ///< the groups become groups of the directory, with their members
  /// The role that members of a group have, by its DN.
  std::map<std::string, std::string> roles;

  std::chrono::milliseconds interval{std::chrono::minutes(15)};
  std::chrono::milliseconds timeout{std::chrono::seconds(30)};  ///< of each answer
  std::size_t page = 500;                                       ///< entries asked for at once
  std::size_t most_entries = 1'000'000;
  /// More of its people than these do not leave or become suspended at once, nor more of its
  /// groups close: it is taken for a fault of the source.
  int most_leaving_percent = 10;
};

/// What goes without saying for the flavour.
std::string default_filter(LdapFlavour flavour);
std::string default_disabled_filter(LdapFlavour flavour);
std::string default_group_filter(LdapFlavour flavour);
std::map<std::string, std::string> default_attributes(LdapFlavour flavour);
/// The attribute that names an entry for ever, and the one that grows when it changes.
std::string_view id_attribute(LdapFlavour flavour);
std::string_view change_attribute(LdapFlavour flavour);

/// What is wrong with a source in itself, before anybody is asked. Error: kInvalidArgument.
Result<void> check_source(const LdapSource& source);

/// Whose externalId begins so came from the source: people and groups.
std::string external_id_prefix(const LdapSource& source);

/// Who makes its changes, as audit events name them.
std::string actor_of(const LdapSource& source);

}  // namespace wardlock::directory
