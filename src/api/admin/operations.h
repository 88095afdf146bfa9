#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "api/admin/asked.h"
#include "directory/model/kind.h"

namespace wardlock::admin {

/// A parameter of a query.
struct Parameter {
  std::string_view name;
  std::string_view about;            ///< for people: a sentence without its full stop
  std::string_view type = "string";  ///< in JSON Schema
  std::uint64_t least = 0;           ///< of a number
  std::uint64_t most = 0;            ///< the same; 0: whatever there is
  bool is_required = false;
  bool may_repeat = false;
  std::vector<std::string_view> (*choices)() = nullptr;  ///< it is one of these; null: any text
};

/// What a body is, for the description.
enum class Message : std::uint8_t {
  kNone,
  kThing,  ///< of the kind of the collection
  kThings,
  kAnyThing,
  kNewThing,
  kReplacement,
  kPatch,
  kNewState,
  kMerge,
  kReason,
  kRelation,
  kRelations,
  kNewRelation,
  kCredential,
  kCredentials,
  kNewCredential,
  kIssued,
  kRotation,
  kLeak,
  kLeakAnswer,
  kIdentity,
  kChanges,
  kDescription,
  kBatch,
  kBatchOutcome,
  kExport,
  kRegistrations,
  kReview,
  kEntity,
  kBill,
  kBillOutcome,
  kVersions,
  kRunning,
  kNewInvitation,
  kInvitation,
  kSessions,
  kEnded,
  kAuthenticator,
  kAuthenticators,
  kNewExpiry,
  kRecovery,
  kRecoveries,
  kNewLinkedAccount,
  kLinkedAccount,
  kClient,
  kClients,
  kNewClient,
  kClientPatch,
  kClientState,
  kClientSecret,
  kNewClientInvitation,
  kClientInvitation,
  kClientInvitations,
  kPolicies,
  kActivations,
  kActivation,
  kPolicyDrafts,
  kPolicyDraft,
  kPolicyDraftView,
  kNewPolicyDraft,
  kWrittenPolicyDraft,
  kPolicyContent,
  kDraftEdition,
  kNewPolicySignature,
  kApprovalStanding,
  kActivationWish,
  kPolicyBundle,
  kContentDiff,
  kDecisionDiff,
  kRecordedPeriod,
  kRecordedComparison,
  kNewShadow,
  kShadow,
  kShadows,
  kShadowView,
  kNewCanary,
  kCanary,
  kCanaries,
  kCanaryView,
  kNodeReport,
  kPolicyNode,
  kPolicyNodes,
  kToldValues,
  kToldOutcome,
  kSources,
  kTold,
};

/// Something that can be asked: a row of the table. There is no other list: requests are answered,
/// refused and described by it.
struct Operation {
  std::string_view method;
  /// Below `/admin/v1/`; `{collection}` stands for each of the kinds', `{id}` and `{part}` for what
  /// `Asked` calls so.
  std::string_view path;
  std::string_view name;     ///< for programs, e.g. `create`; with the kind where there is one
  std::string_view summary;  ///< a sentence without its full stop
  Answered<void> (*answer)(const Asked& asked, net::HttpResponse& response);
  directory::Kinds kinds = {};  ///< that `{collection}` may be
  Message takes = Message::kNone;
  Message gives = Message::kNone;
  int status = 200;
  std::span<const Parameter> parameters = {};
  bool has_filters = false;  ///< any other parameter is a condition (list_query.h)
  /// It looks at `Idempotency-Key` and `If-Match`: what is the same when it is done again does not.
  bool has_keys = true;

  bool is_change() const { return method != "GET"; }
  bool knows(std::string_view parameter) const;
};

std::span<const Operation> all_operations();

/// All changes have them.
std::span<const Parameter> parameters_of_changes();

}  // namespace wardlock::admin
