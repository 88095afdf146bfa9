#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "codec/json.h"
#include "directory/ldap/connection.h"
#include "directory/ldap/source.h"

namespace wardlock::directory {

/// A person as the source has them.
struct Account {
  std::string id;                 ///< a UUID, for ever
  std::string dn;                 ///< for people
  std::vector<std::string> uids;  ///< by which groups of RFC 2307 name it
  bool is_disabled = false;
  /// What was read of it; nothing: it has not changed since the last time.
  std::optional<LdapEntry> entry;
};

/// The id of an entry, or nothing where it shows none.
std::optional<std::string> account_id(const LdapSource& source, const LdapEntry& entry);

/// Whether a person's attribute at that path can come from LDAP: a text, a time, a part of `name`,
/// a list of texts, of e-mail addresses or telephone numbers, `manager`, or `facts.NAME`. Error:
/// kInvalidArgument, it cannot.
Result<void> check_mapped_attribute(std::string_view path);

/// The person's document as the entry would have it: what is mapped comes from there alone, the
/// rest stays as it is in `before`; `manager` comes from there, too, and is left out, as it takes
/// others to tell who it is. Requires a source that `check_source` found sound. Error
/// kInvalidArgument: a value is no text.
Result<boost::json::object> mapped_document(const LdapSource& source, const LdapEntry& entry,
                                            const boost::json::object& before);

/// The DN, in normal form, of whom the entry's person reports to, or nothing.
std::optional<std::string> manager_of(const LdapSource& source, const LdapEntry& entry);

/// A fact by its name, or nothing.
std::optional<std::string> fact(const boost::json::object& document, std::string_view name);
/// Sets it; empty: takes it away.
void set_fact(boost::json::object& document, std::string_view name, std::string_view text);

/// What a source has done to a person, as a fact: `suspended` or `left`; to a group: `closed`. Whom
/// somebody else suspended, the source does not bring back.
inline constexpr std::string_view kEndedBySource = "endedBySource";

/// The attribute that names another person.
inline constexpr std::string_view kManager = "manager";

}  // namespace wardlock::directory
