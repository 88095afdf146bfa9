#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/error.h"
#include "directory/model/kind.h"
#include "directory/model/relation.h"
#include "directory/registry/thing.h"

namespace wardlock::administration {

/// What is done to the directory and to Wardlock itself: the actions of policies/wardlock.
enum class Deed : std::uint8_t {
  kRead,                ///< all but what is sensitive
  kReadSensitive,       ///< that too
  kCreate,              ///< enter a thing
  kChange,              ///< its attributes
  kSetState,            ///< have it go on to another state of its life
  kRemove,              ///< take away all but what nothing else may have
  kMerge,               ///< one patient into another
  kRelate,              ///< make a relation, such as an assignment of a role
  kEndRelation,         ///< end one
  kIssueCredential,     ///< for a person, service, agent or device
  kRevokeCredential,    ///< one of theirs, or all
  kImport,              ///< much at once, from a file or another directory
  kExport,              ///< much at once, for somewhere else
  kReadSessions,        ///< where somebody is signed in
  kEndSessions,         ///< one of those, or all
  kRecover,             ///< let somebody in again who can sign in no more: one of the two for it
  kBreakGlass,          ///< open a grant for a patient or device
  kRevokeGrant,         ///< see and end somebody's break-glass grants
  kReviewGrant,         ///< look at what somebody did under one
  kReadAuthenticators,  ///< what somebody signs in with
  kEndAuthenticators,   ///< one of those: it was lost, is taken away, or has an end
  kDelegate,            ///< let somebody act with the right of a person, patient or organisation
  kReadDelegations,     ///< who acts with somebody's right, or with a right over them
  kRevokeDelegation,    ///< end one of others
  kReadConsents,        ///< what a patient has agreed to and refused
  kEnterConsent,        ///< in a patient's name: enter, change, withdraw
  kRequestRole,         ///< ask for a role for oneself, for a while
  kAnswerRequest,       ///< approve or refuse somebody's request, end what it gave
  kReadRequests,        ///< what others ask for, and have for a while
  kRequestApproval,     ///< ask others to agree to an action of one's own
  kAnswerApproval,      ///< approve or refuse that, end an approval
};

inline constexpr std::size_t kDeeds = 31;

/// Its name in policies, e.g. `setState`.
std::string_view to_string(Deed deed);

/// What is done to clients of OAuth (docs/openid-connect.md).
enum class ClientDeed : std::uint8_t {
  kRead,         ///< all of it but secrets, which nobody reads
  kCreate,       ///< enter one
  kChange,       ///< what it may do, and where its answers go
  kEnable,       ///< what was disabled
  kDisable,      ///< it is to nobody a client, until it is enabled
  kRenewSecret,  ///< give it another one
  kRemove,
  kRegister,  ///< have it describe itself (RFC 7591), or invite somebody to have that done
};

inline constexpr std::size_t kClientDeeds = 8;

/// Its name in policies, e.g. `renewClientSecret`.
std::string_view to_string(ClientDeed deed);

/// A client, as policies look at it. Borrows.
struct ClientStanding {
  std::string_view id;       ///< empty: all of them, or one that is not there yet
  std::string_view thing;    ///< the service, agent or device that it is; may be empty
  bool administers = false;  ///< people may have it administer Wardlock in their names
  /// Of one that registers: who vouches for the program (RFC 7591, 2.3); empty: nobody.
  std::string_view software_issuer = {};
};

/// What is done to the policies that an organisation lives by (docs/changing-policies.md).
enum class PolicyDeed : std::uint8_t {
  kRead,      ///< what is in force, every change, and what became of it
  kDraft,     ///< propose a change: begin, write, check, submit, withdraw
  kApprove,   ///< sign one, or reject it
  kActivate,  ///< what is approved
  kActivateInEmergency,
  kRollBack,    ///< put back what was in force
  kReportNode,  ///< say what oneself runs
  kForgetNode,  ///< a node that is gone
  kShadow,      ///< have nodes decide by one, too, without effect: begin, stop
};

inline constexpr std::size_t kPolicyDeeds = 9;

/// Its name in policies, e.g. `draftPolicy`.
std::string_view to_string(PolicyDeed deed);

/// Policies, as policies look at them. Borrows.
struct PolicyStanding {
  std::string_view environment;
  std::string_view meaning = {};  ///< of a signature: which approval it gives
};

/// An action that somebody is asked to agree to. Borrows.
struct ApprovalStanding {
  std::string_view action;             ///< as the organisation's policies name it
  std::string_view action_class = {};  ///< as their schema has it (`@audit`); empty: none
  bool by_owner = false;               ///< whoever answers, answers for what it is done to
};

/// Asked before anything is done: by the policies of Wardlock itself (docs/administration.md). What
/// it is asked goes on record. One is made for each request and used by one thread; it may be asked
/// within a transaction.
///
/// Errors: kPermissionDenied, it may not be, in words for who asks; kUnavailable, that it was asked
/// cannot be recorded.
class Gate {
 public:
  virtual ~Gate() = default;

  /// Of all things of a kind (a list, a search, an export), or of a new one (kCreate).
  virtual Result<void> check(Deed deed, directory::Kind kind) = 0;
  /// Of one thing, as it is before.
  virtual Result<void> check(Deed deed, const directory::Thing& thing) = 0;
  /// That a thing goes on to that state (kSetState). Asked without it, only those may who may have
  /// it go anywhere.
  virtual Result<void> check_state(const directory::Thing& thing, std::string_view /*next*/) {
    return check(Deed::kSetState, thing);
  }
  /// Of a relation between the two: kRelate, kEndRelation.
  virtual Result<void> check(Deed deed, directory::Relation relation,
                             const directory::Thing& subject, const directory::Thing& object) = 0;
  /// That the person's request for the role is answered (kAnswerRequest); `by_owner`: by somebody
  /// who answers for the role. Where it `gives` the role, that they get it, too (kRelate), as if it
  /// were assigned; but an owner needs no right to assign roles.
  virtual Result<void> check_answer(const directory::Thing& person,
                                    const directory::Thing& /*role*/, bool /*by_owner*/,
                                    bool /*gives*/) {
    return check(Deed::kAnswerRequest, person);
  }
  /// That others agree, or not, to what the person is to do to that (kAnswerApproval).
  virtual Result<void> check_approval(const directory::Thing& person,
                                      const directory::Thing& /*target*/,
                                      const ApprovalStanding& /*approval*/) {
    return check(Deed::kAnswerApproval, person);
  }
  /// Of a client of OAuth: as it is before, and where it is changed, as it is to be, too.
  virtual Result<void> check(ClientDeed deed, const ClientStanding& client) = 0;
  /// That whoever asks tells attributes as that source; `is_its`: the directory says that they are
  /// it.
  virtual Result<void> check_source(std::string_view /*source*/, bool /*is_its*/) {
    return fail(ErrorCode::kPermissionDenied, "no source tells anything here");
  }
  /// Of policies.
  virtual Result<void> check(PolicyDeed deed, const PolicyStanding& policies) = 0;
};

}  // namespace wardlock::administration
