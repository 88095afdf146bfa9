#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bundle/content.h"
#include "pap/activation.h"
#include "pap/surroundings.h"

namespace wardlock::pap {

class Drafts;

/// What somebody knows to be in force.
struct KnownInForce {
  std::uint64_t serial = 0;
  std::string content;
};

/// Puts policies in force, and back; what comes into force at once ends a canary. Thread-safe;
/// waits for the database. That somebody may do so at all is asked before. Errors besides those of
/// Drafts and storage::Store: those of the signer.
class Activations {
 public:
  /// Both outlive it.
  Activations(const PolicySurroundings& surroundings, const Drafts& drafts)
      : surroundings_(surroundings), drafts_(drafts) {}

  struct Wish {
    ActivationCause cause = ActivationCause::kApproved;  ///< kApproved, kSingleHanded, kEmergency
    std::optional<std::int64_t> starts_ms = {};          ///< nothing, or the past: at once
  };
  /// Puts the draft's content in force. Errors: kFailedPrecondition, an approval or a check is
  /// missing, or somebody else could approve; kAborted, what is in force is no longer what the
  /// draft was compared with; kPermissionDenied.
  Result<Activation> activate(const directory::Mandate& mandate, std::string_view draft,
                              const Wish& wish);

  /// Puts back what an earlier activation put in force, under a higher serial, at once. Errors:
  /// kNotFound; kFailedPrecondition, its time never came, it is in force, or it was an emergency
  /// change that nobody has approved.
  Result<Activation> roll_back(const directory::Mandate& mandate, std::string_view environment,
                               std::uint64_t serial);

  /// Signs what is in force anew, under a higher serial, so that it does not expire. `known`: what
  /// the asker has verified to be in force; nothing else is signed. Nothing: another is in force,
  /// or is about to be. For the server itself.
  Result<std::optional<Activation>> renew(const directory::Mandate& mandate,
                                          std::string_view environment, const KnownInForce& known);

  /// Puts a content in force where nothing ever was, as the server was set up with. Nothing:
  /// something was. For the server itself. Error kInvalidArgument: no environment has that name.
  Result<std::optional<Activation>> begin(const directory::Mandate& mandate,
                                          std::string_view environment,
                                          const bundle::Content& content);

  Result<std::optional<Activation>> in_force(const PolicyPlace& place) const;
  Result<std::vector<Activation>> history(const PolicyPlace& place, std::uint64_t before = 0,
                                          std::size_t most = 50) const;
  /// The signed bundle that it put in force: its file.
  Result<std::string> bundle(const Activation& activation) const;
  /// Whether it came in an emergency and should have been approved by now.
  Result<bool> is_overdue(const Activation& activation) const;
  /// Puts on record, once, that it is overdue, as an event and in its draft's history. Returns
  /// whether that was done now. For the server itself.
  Result<bool> note_overdue(const directory::Mandate& mandate, const Activation& activation);

 private:
  Result<Activation> put(storage::Work& work, const directory::Mandate& mandate,
                         Activation activation, std::string_view before);
  Result<void> check_was_approved(const PolicyPlace& place, std::uint64_t serial) const;
  Result<void> end_canary_for(storage::Work& work, const directory::Mandate& mandate,
                              const Activation& activation);
  void await_effect(const Activation& activation) const;

  const PolicySurroundings& surroundings_;
  const Drafts& drafts_;
};

}  // namespace wardlock::pap
