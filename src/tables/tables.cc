#include "tables/tables.h"

#include <vector>

#include "access/consent/tables.h"
#include "access/delegation/tables.h"
#include "access/grant/tables.h"
#include "access/request/tables.h"
#include "access/review/tables.h"
#include "authn/account/tables.h"
#include "authn/message/tables.h"
#include "authn/oauth/tables.h"
#include "authn/session/tables.h"
#include "directory/registry/tables.h"
#include "directory/told/tables.h"
#include "pap/tables.h"

namespace wardlock::tables {
namespace {

// INVARIANT: released migrations keep their places and their texts. Those of `directory` are
// complete: what that room adds later is a constant of its own, and stands at the end here.
std::vector<storage::Migration> all() {
  const auto directory = directory::migrations();
  std::vector<storage::Migration> all(directory.begin(), directory.end());
  all.push_back(authn::kSessionTables);
  all.push_back(authn::kAccountTables);
  for (const storage::Migration& each : oauth::migrations()) all.push_back(each);
  all.push_back(pap::kPolicyTables);
  all.push_back(authn::kApprovedRecoveries);

  all.push_back(authn::kMessageTables);
  all.push_back(access::kGlassTables);
  all.push_back(access::kGlassReviewTables);
  all.push_back(oauth::kInvitationTables);
  all.push_back(pap::kShadowTables);

  all.push_back(pap::kNodeTables);

  all.push_back(access::kDelegationTables);

  all.push_back(directory::kFewRelations);

  all.push_back(access::kRoleRequestTables);

  all.push_back(directory::kToldTables);

  all.push_back(access::kConsentTables);

  all.push_back(access::kActionRequests);

  all.push_back(pap::kCanaryTables);

  all.push_back(access::kGlassUntold);
  return all;
}

}  // namespace

std::span<const storage::Migration> migrations() {
  static const std::vector<storage::Migration> list = all();
  return list;
}

}  // namespace wardlock::tables
