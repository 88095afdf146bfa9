#pragma once

#include <stop_token>
#include <string_view>

#include "base/error.h"
#include "base/secret.h"
#include "directory/ldap/password_verdict.h"
#include "directory/ldap/source.h"

namespace wardlock::directory {

/// Whether it is the password of the source's person with that id (`account_id`). The source's own
/// account looks for the entry, which must be one of its people still, and not disabled; then a
/// bind as that entry shows whether the password is right. Nobody who types a name chooses an entry
/// so. An empty password is wrong before anybody is asked. Who is not there any more, or there
/// twice: wrong. Takes as long as the server does, at most a few of the source's time-outs.
/// Errors: those of LdapConnection; nobody is let in by one. Thread-safe.
Result<PasswordVerdict> check_entry_password(const LdapSource& source, std::string_view id,
                                             const Secret& password, const std::stop_token& stop);

/// Asks the directory as for somebody whom it does not know, so that the time it takes does not
/// tell whom it knows. Errors: the same.
Result<void> ask_for_nobody(const LdapSource& source, const std::stop_token& stop);

}  // namespace wardlock::directory
