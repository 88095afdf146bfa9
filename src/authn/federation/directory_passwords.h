#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/secret.h"
#include "directory/ldap/password_verdict.h"
#include "directory/ldap/source.h"
#include "directory/registry/registry.h"

namespace wardlock::authn {

/// Whose password is asked for.
struct DirectoryUser {
  std::string_view tenant;
  std::string_view user_name;  ///< as typed
  std::string_view person;     ///< empty: nobody's
};

/// Passwords that an LDAP directory keeps: of people who came from it (their `externalId` is
/// `ldap:NAME:ID`, which the sync gives), and who sign in with the password they have there.
/// Nothing of it is kept here. Waits for the directory: for threads that may. Thread-safe.
class DirectoryPasswords {
 public:
  /// The registry outlives it. `clock`: milliseconds that never go back.
  DirectoryPasswords(const directory::Registry& registry,
                     std::vector<directory::LdapSource> sources,
                     std::function<std::int64_t()> clock);

  /// Whether the person's password is kept in a directory. Errors: kNotFound, the tenant has no
  /// such person; those of the store.
  Result<bool> keeps(std::string_view tenant, std::string_view person) const;

  /// Nothing: the person's password is not kept in a directory. Errors: kNotFound, the tenant has
  /// no such person; those of the directory and of the store. By an error nobody is let in.
  Result<std::optional<directory::PasswordVerdict>> check(std::string_view tenant,
                                                          std::string_view person,
                                                          const Secret& password,
                                                          const std::stop_token& stop) const;

  /// The same for `SignInParts::outside_password`: nothing, it is not kept in a directory; else
  /// whether it lets its owner in. A directory that does not answer lets nobody in, and is asked
  /// nothing for the next five seconds. Who is nobody's is asked for as well, in vain: at the
  /// directory that the name chooses, where the tenant has several.
  std::optional<bool> lets_in(const DirectoryUser& user, const Secret& password) const;

 private:
  struct Source {
    directory::LdapSource settings;
    mutable std::atomic<std::int64_t> resting_until_ms{0};
  };

  Result<directory::Thing> read_person(std::string_view tenant, std::string_view person) const;
  /// Where the person came from; null: from none.
  const Source* source_of(std::string_view tenant, const directory::Thing& person) const;
  /// Where somebody of the name would be asked for; null: the tenant has none.
  const Source* source_for(std::string_view tenant, std::string_view user_name) const;
  /// Nothing: it failed, or has lately.
  std::optional<directory::PasswordVerdict> ask(
      const Source& source,
      const std::function<Result<directory::PasswordVerdict>(const directory::LdapSource&)>& call)
      const;

  const directory::Registry& registry_;
  std::vector<std::unique_ptr<Source>> sources_;
  const std::function<std::int64_t()> clock_;
};

}  // namespace wardlock::authn
