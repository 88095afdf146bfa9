#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "directory/ldap/connection.h"
#include "directory/ldap/source.h"

namespace wardlock::directory {

/// A group as the source has it.
struct SourceGroup {
  std::string id;                        ///< a UUID, for ever; empty: the entry shows none
  std::string dn;                        ///< for people
  std::string name;                      ///< its `cn`, the first in order; empty: it has none
  std::vector<std::string> members;      ///< DNs in normal form
  std::vector<std::string> member_uids;  ///< of people, by their `uid` (RFC 2307)
};

/// Who belongs to which group. DNs are in normal form.
class GroupMembers {
 public:
  void add(const std::string& group, std::vector<std::string> members);
  bool has(const std::string& group) const { return groups_.contains(group); }

  /// The members, and those of groups that are members, over any number of steps; groups in a
  /// circle are all one.
  std::set<std::string> members_of(const std::string& group) const;

 private:
  std::map<std::string, std::vector<std::string>> groups_;
};

/// All groups of the source, with all of their members, even where the server answers them in
/// parts.
Result<std::vector<SourceGroup>> read_groups_of(const LdapSource& source,
                                                LdapConnection& connection);

}  // namespace wardlock::directory
