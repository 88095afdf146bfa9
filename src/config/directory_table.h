#pragma once

#include <cstddef>

#include "config/setting.h"

namespace wardlock::config {

/// The settings of a key for secrets: an item of `directory.secret_keys`.
inline constexpr std::size_t kSecretKeySettings = 6;
extern const Setting kSecretKey[kSecretKeySettings];

/// The settings of a source of people: `directory.ldap.NAME`.
inline constexpr std::size_t kLdapSettings = 17;
extern const Setting kLdap[kLdapSettings];

}  // namespace wardlock::config
