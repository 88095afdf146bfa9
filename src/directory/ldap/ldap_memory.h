#pragma once

#include <ldap.h>

#include <memory>

namespace wardlock::directory {

// What libldap gives out, and who frees it. Private to this room.

template <auto free>
struct FreeWith {
  template <typename T>
  void operator()(T* memory) const {
    free(memory);
  }
};

using LdapText = std::unique_ptr<char, FreeWith<ldap_memfree>>;
using LdapMessage = std::unique_ptr<LDAPMessage, FreeWith<ldap_msgfree>>;
using LdapControl = std::unique_ptr<LDAPControl, FreeWith<ldap_control_free>>;
using LdapControls = std::unique_ptr<LDAPControl*, FreeWith<ldap_controls_free>>;
using LdapValues = std::unique_ptr<berval*, FreeWith<ldap_value_free_len>>;
using LdapElement = std::unique_ptr<BerElement, decltype([](BerElement* e) { ber_free(e, 0); })>;

}  // namespace wardlock::directory
