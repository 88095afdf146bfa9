#pragma once

#include <ldap.h>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "directory/ldap/password_verdict.h"
#include "directory/ldap/source.h"

namespace wardlock::directory {

// Private to this room.

/// What a server answers to a bind.
struct BindAnswer {
  int code = LDAP_OTHER;
  std::string diagnostic;
  /// As the password policy of the server says (draft-behera-ldap-password-policy), where it does.
  LDAPPasswordPolicyError policy = PP_noError;
};

/// Binds by name and password (RFC 4513 §5.1.3), and asks for what the password policy says of it.
/// Requires a connection over TLS. Returns LDAP_SUCCESS where there is an answer, else why not.
int simple_bind(LDAP* ldap, const std::string& dn, std::string_view password,
                std::chrono::milliseconds timeout, BindAnswer& answer);

/// Nothing: the answer is about something else than the password.
std::optional<PasswordVerdict> verdict_of(const BindAnswer& answer, LdapFlavour flavour);

}  // namespace wardlock::directory
