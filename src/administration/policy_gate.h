#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "administration/asker_sign_in.h"
#include "administration/gate.h"
#include "base/arena.h"
#include "directory/registry/registry.h"
#include "event/event.h"
#include "pdp/access.h"
#include "pdp/snapshot.h"

namespace wardlock::administration {

/// Who asks, as the directory had it when the request came.
struct Asker {
  std::string id;
  directory::Kind kind = directory::Kind::kPerson;
  std::vector<std::string> roles;  ///< of administration, see directory/registry/control_plane.h
  /// How they signed in for it; null: they have a credential of the directory. Outlives this.
  const AskerSignIn* sign_in = nullptr;
  bool is_anybody = false;  ///< nobody said who they are: policies see the kind `kAnybodyKind`
};

/// The gate that policies keep: each deed is a question to a snapshot of policies/wardlock, or of
/// what stands in its place. A question is decided and told once for each request, however often
/// it is asked.
class PolicyGate : public Gate {
 public:
  /// Takes what is to be recorded of a decision: all but node and trace. Borrows the event for the
  /// call, which may be within a transaction. Error: it cannot be recorded; it is not done.
  using Tell = std::function<Result<void>(const event::Event&)>;

  struct Parts {
    const pdp::Snapshot& policies;
    const directory::Registry& registry;
    const directory::Mandate& mandate;
    const Asker& asker;
    std::int64_t now = 0;  ///< ms since the epoch
    std::function<std::string()> new_id;
    Tell tell;
  };
  /// Borrows what the parts refer to.
  explicit PolicyGate(Parts parts) : parts_(std::move(parts)) {}

  Result<void> check(Deed deed, directory::Kind kind) override;
  Result<void> check(Deed deed, const directory::Thing& thing) override;
  Result<void> check_state(const directory::Thing& thing, std::string_view next) override;
  Result<void> check(Deed deed, directory::Relation relation, const directory::Thing& subject,
                     const directory::Thing& object) override;
  Result<void> check_answer(const directory::Thing& person, const directory::Thing& role,
                            bool by_owner, bool gives) override;
  Result<void> check_approval(const directory::Thing& person, const directory::Thing& target,
                              const ApprovalStanding& approval) override;
  Result<void> check(ClientDeed deed, const ClientStanding& client) override;
  Result<void> check(PolicyDeed deed, const PolicyStanding& policies) override;
  Result<void> check_source(std::string_view source, bool is_its) override;

  /// The level with which all that was refused for want of one would have been allowed (RFC 9470);
  /// nothing: signing in otherwise would not have helped.
  std::optional<std::int64_t> wanted_level() const { return wanted_level_; }

 private:
  /// What a deed is done to.
  struct Target {
    std::string_view type;  ///< of policies/wardlock
    std::string_view id;
    std::string_view plural;  ///< of what it is, for people
    boost::json::object properties;
    std::optional<directory::Kind> kind = {};  ///< nothing: it is no thing of the directory
  };

  Result<boost::json::array> roles_of(const directory::Thing& thing);
  Result<boost::json::array> grants_of(directory::Relation relation,
                                       const directory::Thing& object);
  Result<Target> target_of(const directory::Thing& thing);
  Result<bool> holds_asker(std::string_view group);
  Result<bool> is_askers(std::string_view person);
  Result<const std::vector<std::string>*> own_accounts();
  Result<void> ask(std::string_view deed, const Target& target, const boost::json::object& context,
                   std::string_view changed, const directory::Thing* object);
  Result<void> decide(std::string_view deed, const Target& target,
                      const boost::json::object& context, std::string_view changed,
                      const directory::Thing* object);
  Result<void> record(std::string_view deed, const Target& target,
                      const pdp::AccessDecision& decision, std::string_view changed,
                      const directory::Thing* object);

  Parts parts_;
  std::map<std::string, Result<void>> answers_;  ///< by question
  // Of whoever asks; once they are needed.
  std::optional<std::vector<std::string>> own_groups_;
  std::optional<std::vector<std::string>> own_accounts_;
  std::optional<std::int64_t> wanted_level_;
};

}  // namespace wardlock::administration
