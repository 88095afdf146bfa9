#pragma once

#include <functional>
#include <string>

#include "access/grant/glass_rules.h"
#include "access/request/role_request_rules.h"
#include "codec/json.h"
#include "directory/ldap/source.h"
#include "directory/lifecycle/review_rules.h"
#include "directory/lifecycle/role_rule.h"
#include "secrets/key_source.h"

namespace wardlock::config {

/// An item of `directory.secret_keys`, which its table has checked. What is wrong with it as a
/// whole is given to `refuse`.
secrets::KeySource key_source_of(const codec::Json& section,
                                 const std::function<void(std::string)>& refuse);

/// A source of people, which its table has checked. The same; its tenant is not looked for.
directory::LdapSource ldap_source_of(const std::string& name, const codec::Json& section,
                                     const std::function<void(std::string)>& refuse);

/// `directory.review`. The same.
directory::ReviewRules review_rules_of(const codec::Json& section,
                                       const std::function<void(std::string)>& refuse);

/// `directory.break_glass`. The same.
access::GlassRules glass_rules_of(const codec::Json& section,
                                  const std::function<void(std::string)>& refuse);

/// `directory.role_requests` and `directory.approvals`. The same; none lasts longer than that.
access::RoleRequestRules role_request_rules_of(const codec::Json& section, std::int64_t longest_ms,
                                               const std::function<void(std::string)>& refuse);

/// A rule that gives a role. The same; its tenant is not looked for.
directory::RoleRule role_rule_of(const std::string& name, const codec::Json& section,
                                 const std::function<void(std::string)>& refuse);

}  // namespace wardlock::config
