#pragma once

#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/secret.h"
#include "directory/ldap/password_verdict.h"
#include "directory/ldap/source.h"
#include "directory/registry/registry.h"

namespace wardlock::authn {

/// Passwords that an LDAP directory keeps: of people who came from it (their `externalId` is
/// `ldap:NAME:ID`, which the sync gives), and who sign in with the password they have there.
/// Nothing of it is kept here. Waits for the directory: for threads that may. Thread-safe.
class DirectoryPasswords {
 public:
  /// The registry outlives it.
  DirectoryPasswords(const directory::Registry& registry,
                     std::vector<directory::LdapSource> sources)
      : registry_(registry), sources_(std::move(sources)) {}

  /// Nothing: the person's password is not kept in a directory. Errors: kNotFound, the tenant has
  /// no such person; those of the directory and of the store. By an error nobody is let in.
  Result<std::optional<directory::PasswordVerdict>> check(std::string_view tenant,
                                                          std::string_view person,
                                                          const Secret& password,
                                                          const std::stop_token& stop) const;

  /// The same for `SignInParts::outside_password`: nothing, it is not kept in a directory; else
  /// whether it lets its owner in. A directory that does not answer lets nobody in.
  std::optional<bool> lets_in(std::string_view tenant, std::string_view person,
                              const Secret& password) const;

 private:
  const directory::Registry& registry_;
  const std::vector<directory::LdapSource> sources_;
};

}  // namespace wardlock::authn
