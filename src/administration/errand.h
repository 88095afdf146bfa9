#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "access/grant/glass_desk.h"
#include "access/review/review_desk.h"
#include "administration/asker_sign_in.h"
#include "administration/gate.h"
#include "administration/glass_view.h"
#include "administration/policy_changes.h"
#include "administration/policy_view.h"
#include "administration/sign_ins.h"
#include "administration/trail.h"
#include "authn/account/accounts.h"
#include "authn/account/enrolment.h"
#include "directory/lifecycle/review_rules.h"
#include "directory/registry/registry.h"

namespace wardlock::access {
class ConsentDesk;
class DelegationDesk;
class RoleRequestDesk;
}  // namespace wardlock::access

namespace wardlock::directory {
class ToldDesk;
}

namespace wardlock::administration {

struct PolicyChanges;

/// What a request to read or change the directory is answered from. Borrows everything; for one
/// request, on one thread that may wait for the database.
struct Errand {
  directory::Registry& registry;
  Gate& gate;
  const directory::Mandate& mandate;   ///< for which tenant, by whom, through what, why
  std::string_view base_url;           ///< of the tenant, e.g. `https://host:8443/st-mary`
  std::int64_t now = 0;                ///< ms since the epoch
  Trail* trail = nullptr;              ///< null: there is no audit log to ask
  directory::ReviewRules review = {};  ///< what a review tells of
  PolicyView* view = nullptr;          ///< null: there is none to ask
  /// How people sign in; null: nobody does here.
  authn::Accounts* accounts = nullptr;
  authn::Enrolments* enrolments = nullptr;
  authn::RecoveryDesk* recoveries = nullptr;
  SignIns* sign_ins = nullptr;
  /// How whoever asks has signed in for it; null: they have a credential of the directory.
  const AskerSignIn* sign_in = nullptr;
  access::GlassDesk* glass = nullptr;             ///< null: the glass is not broken here
  access::ReviewDesk* reviews = nullptr;          ///< of break-glass grants; null where `glass` is
  access::DelegationDesk* delegations = nullptr;  ///< null: nobody delegates here
  access::ConsentDesk* consents = nullptr;        ///< null: nobody's consents are kept here
  access::RoleRequestDesk* role_requests = nullptr;  ///< null: nobody asks for roles here
  directory::ToldDesk* told = nullptr;               ///< null: no source tells anything here
  GlassView* glass_view = nullptr;                   ///< null: nobody decides by the directory here
  /// Issuers of others' OpenID providers at which the tenant's people sign in.
  std::vector<std::string> issuers = {};
  PolicyChanges* policies = nullptr;  ///< null: the tenant's policies are files
};

/// The header of an answer to a change: the revision from which on decisions see it. The same in a
/// question has the decision wait for it.
inline constexpr std::string_view kRevisionHeader = "Wardlock-Revision";

}  // namespace wardlock::administration
