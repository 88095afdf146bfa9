#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/error.h"
#include "directory/ldap/account.h"
#include "directory/ldap/connection.h"
#include "directory/ldap/source.h"

namespace wardlock::directory {

/// How far a source was read, so that the next time only what changed since is read in full.
struct LdapPosition {
  std::string settings;      ///< a hash of what of the source's settings matters for people
  std::string server;        ///< where the numbers of changes are a server's own: which one
  std::string changed;       ///< the latest change that was seen
  std::int64_t full_ms = 0;  ///< when all of it was read last

  std::string text() const;
  /// Of what `text` wrote; otherwise one from which all is read.
  static LdapPosition read(std::string_view text);
};

/// What a source has, all of it: who is not here is gone.
struct LdapReading {
  std::map<std::string, Account> accounts;       ///< by id
  std::map<std::string, std::string> ids_by_dn;  ///< of accounts; DNs in normal form
  struct Group {
    std::string dn;                ///< for people
    std::string name;              ///< empty: it shows none
    std::set<std::string> people;  ///< the ids of accounts that belong to it themselves
    std::set<std::string> groups;  ///< the ids of groups that belong to it
  };
  std::map<std::string, Group> groups;  ///< by id; none where groups are not entered
  /// The ids of those who belong to a group, directly or through others, by role.
  std::map<std::string, std::set<std::string>> role_holders;
  /// Groups that the settings name and that are not there, by their DNs, with their roles.
  std::map<std::string, std::string> missing_groups;
  std::vector<std::string> notes;  ///< for whoever runs it
  LdapPosition position;           ///< for the next time
  bool is_full = false;            ///< every account was read in full
};

/// Reads it over the connection. `since`: what changed before then is known. Errors: those of the
/// connection, after which nothing of it may be used.
Result<LdapReading> read_source(const LdapSource& source, LdapConnection& connection,
                                const LdapPosition& since, std::int64_t now);

/// Once in that time all is read, whatever was said of changes: another server may have brought
/// late what is older.
inline constexpr std::int64_t kFullReadMs = std::int64_t{24} * 3'600'000;

}  // namespace wardlock::directory
