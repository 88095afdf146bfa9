#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "access/request/role_request.h"
#include "access/request/role_request_rules.h"
#include "authn/message/messages.h"
#include "authn/session/signature.h"
#include "base/error.h"
#include "directory/registry/registry.h"
#include "storage/store.h"

namespace wardlock::access {

/// What requests work with. All outlives them; functions may be called by several
/// threads.
struct RoleRequestSurroundings {
  storage::Store& store;
  directory::Registry& registry;  ///< over the same store
  directory::Surroundings directory;
  RoleRequestRules rules = {};                   ///< for roles
  RoleRequestRules approvals = kUsualApprovals;  ///< for actions
  authn::SigningRules signing = {};
  const authn::Messages* messages = nullptr;  ///< null: nobody is told anything
};

/// A request as a change left it.
struct ChangedRoleRequest {
  RoleRequest request;
  std::uint64_t revision = 0;  ///< of the directory: from then on decisions see what became of it
};

/// A request that somebody is about to answer, or what it gave to end. Borrows.
struct AnsweredRequest {
  const RoleRequest& request;
  const directory::Thing& person;  ///< who asked
  const directory::Thing& what;    ///< the role, or what the action is done to
  bool by_owner = false;           ///< whoever acts answers for that (the relation `owner`)
};

/// Whether whoever acts may answer: asked within the transaction, so that who has lost the right
/// does not answer. Error: they may not.
using MayAnswer = std::function<Result<void>(const AnsweredRequest& answered)>;

/// What somebody says to a request, and signs. Of the signature, `person`, `printed_name`,
/// `meaning`, `comment`, `content` and `signed_ms` are filled in.
struct RoleAnswer {
  std::string words = {};
  authn::Signature signature = {};
};

/// Requests for roles, and for others' agreement to one action, from when they are asked until what
/// they gave is over. Thread-safe; waits for the database. Who may ask is asked before
/// (policies/wardlock); who may answer by `MayAnswer`. Here is what no policy can give: nobody
/// answers their own, by natural person (directory/registry/natural_persons.h), none is answered
/// twice, and a role is given together with its approval or not at all. An approval of an action is
/// what policies see as `context.approval` (kept_open_approvals.h).
///
/// `mandate` says who acts, for which tenant, and through what. Each change commits with its audit
/// event and its entry in the change feed. Errors besides those of storage::Store and
/// directory::Edit: kInvalidArgument, see role_request_rules.h; kPermissionDenied, not this person;
/// kNotFound, no such thing or request; kAlreadyExists, the same is asked for or there already;
/// kFailedPrecondition, it is answered or over, or what it needs is not there any more;
/// kUnauthenticated, see authn::check_signing.
class RoleRequestDesk {
 public:
  /// They outlive it.
  explicit RoleRequestDesk(const RoleRequestSurroundings& surroundings)
      : surroundings_(surroundings) {}

  /// Whoever acts asks for themselves.
  Result<ChangedRoleRequest> ask(const directory::Mandate& mandate, const RoleWish& wish);
  Result<ChangedRoleRequest> ask(const directory::Mandate& mandate, const ActionWish& wish);
  /// Gives the role, or approves the action, from now on.
  Result<ChangedRoleRequest> approve(const directory::Mandate& mandate, std::string_view id,
                                     const RoleAnswer& answer, const MayAnswer& may);
  Result<ChangedRoleRequest> refuse(const directory::Mandate& mandate, std::string_view id,
                                    const RoleAnswer& answer, const MayAnswer& may);
  /// Whoever asked does not want it any more.
  Result<ChangedRoleRequest> withdraw(const directory::Mandate& mandate, std::string_view id);
  /// Ends the role or the approval early: by whoever has it, whoever gave it, or whoever `may`.
  Result<ChangedRoleRequest> end(const directory::Mandate& mandate, std::string_view id,
                                 const MayAnswer& may);
  /// Ends an approval of an action that policies have no use of.
  Result<ChangedRoleRequest> lapse(const directory::Mandate& mandate, std::string_view id);
  /// Closes what is over. To be called every some seconds; decisions do not wait for it. How many.
  /// `go_on`: false, where it is to stop.
  Result<std::size_t> tend(const directory::Mandate& own, const std::function<bool()>& go_on);

  /// A role by its id or its name.
  Result<directory::Thing> find_role(std::string_view tenant, std::string_view name) const;
  /// A device, patient, location or organisation by its id or its name (access/delegation/party.h).
  Result<directory::Thing> find_named(std::string_view tenant, directory::Kind kind,
                                      std::string_view name) const;
  Result<RoleRequest> find(std::string_view tenant, std::string_view id) const;
  /// The latest first; `before` an id, or empty.
  Result<std::vector<RoleRequest>> of_person(std::string_view tenant, std::string_view person,
                                             std::string_view before, std::size_t most) const;
  /// Open ones, or granted ones that are not over; behind the id `after`.
  Result<std::vector<RoleRequest>> live(std::string_view tenant, RoleRequestState state,
                                        std::string_view after, std::size_t most) const;
  /// Whether the person answers for the role or thing.
  Result<bool> owns(std::string_view tenant, std::string_view person, std::string_view what) const;

  const RoleRequestRules& rules() const { return surroundings_.rules; }
  const RoleRequestRules& approval_rules() const { return surroundings_.approvals; }

 private:
  using Step = std::function<Result<RoleRequest>(directory::Edit& edit)>;

  Result<ChangedRoleRequest> write(const directory::Mandate& mandate, const Step& step);
  Result<RoleRequest> keep_in(directory::Edit& edit, const directory::Mandate& mandate,
                              RoleRequest request, const RoleRequestRules& rules) const;
  Result<RoleRequest> answer_in(directory::Edit& edit, const directory::Mandate& mandate,
                                std::string_view id, const RoleAnswer& answer, const MayAnswer& may,
                                RoleRequestState to) const;

  const RoleRequestSurroundings& surroundings_;
};

}  // namespace wardlock::access
