#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bundle/content.h"
#include "event/event.h"
#include "pap/surroundings.h"

namespace wardlock::pap {

/// A draft with all that is known of it.
struct DraftView {
  PolicyDraft draft;
  std::vector<std::string> writers = {};
  std::vector<DraftCheck> checks = {};     ///< of its content and base as they are
  std::vector<Signature> signatures = {};  ///< of all its contents
  std::vector<KeptStep> steps = {};
};

/// Policy changes from the first line to the last signature. Thread-safe; waits for the database.
/// That somebody may write, review or sign at all is asked before (policies/wardlock); here is what
/// no policy can give: people alone review, nobody reviews what they wrote, and who looked at
/// another edition looks again. A service may write: then the rule on approvals demands more.
///
/// `mandate` says who acts, for which tenant, and why. Errors besides those of storage::Store:
/// kNotFound, no such draft; kPermissionDenied, not this person; kAborted, it has another edition
/// by now; kFailedPrecondition, not in its state; kInvalidArgument, a title or reason is missing or
/// too long.
class Drafts {
 public:
  /// They outlive it.
  explicit Drafts(const PolicySurroundings& surroundings) : surroundings_(surroundings) {}

  Result<PolicyDraft> begin(const directory::Mandate& mandate, std::string_view environment,
                            std::string_view title, const bundle::Content& content);
  /// Another content, compared from then on with what is in force now. It is open again.
  Result<PolicyDraft> write(const directory::Mandate& mandate, std::string_view id,
                            std::uint64_t edition, const bundle::Content& content);
  /// What checks found, for this content and base, as one event. Error kAborted: they are others by
  /// now.
  Result<void> keep_checks(const directory::Mandate& mandate, const PolicyDraft& checked,
                           std::span<const DraftCheck> checks);
  /// Puts on record that somebody did something with it that changes nothing.
  Result<void> tell(const directory::Mandate& mandate, const PolicyDraft& draft,
                    std::string_view action);
  /// To be reviewed: what it must pass, it has passed.
  Result<PolicyDraft> submit(const directory::Mandate& mandate, std::string_view id,
                             std::uint64_t edition);
  /// No. The reason is for its author.
  Result<PolicyDraft> reject(const directory::Mandate& mandate, std::string_view id,
                             std::uint64_t edition);
  Result<PolicyDraft> withdraw(const directory::Mandate& mandate, std::string_view id,
                               std::uint64_t edition);

  /// Yes, to this content. `signature.person` and `signed_ms` are filled in. Also for what came
  /// into force in an emergency. Errors besides: kUnauthenticated, see `check_signing`;
  /// kAlreadyExists, they have signed it.
  Result<ApprovalStanding> sign(const directory::Mandate& mandate, std::string_view id,
                                Signature signature);

  Result<DraftView> view(std::string_view tenant, std::string_view id) const;
  Result<std::vector<PolicyDraft>> list(const PolicyPlace& place, std::string_view before = {},
                                        std::size_t most = 50) const;
  Result<bundle::Content> content(std::string_view tenant, std::string_view name) const;
  Result<ApprovalStanding> standing(const DraftView& view) const;

 private:
  bool is_required(std::string_view check) const;
  struct Step {
    DraftStep step;
    DraftState state;
    std::vector<DraftState> from;
    bool is_by_writer = false;  ///< else by somebody who wrote none of it
  };
  Result<PolicyDraft> take(const directory::Mandate& mandate, std::string_view id,
                           std::uint64_t edition, const Step& step);

  const PolicySurroundings& surroundings_;
};

/// Within a transaction: the checks of these names that the draft has not passed, as a sentence;
/// empty: all passed. For activations.
Result<std::string> unpassed_checks(storage::Work& work, const PolicyDraft& draft,
                                    std::span<const std::string> names);

/// Within a transaction: whoever acts is a person at work. Programs and agents neither review
/// policies nor put them in force.
Result<void> check_actor(storage::Work& work, const directory::Mandate& mandate);

/// What came of looking at a draft, for its audit event.
struct FoundInDraft {
  event::Outcome outcome = event::Outcome::kSuccess;
  event::Texts notes = {};
};

/// Within a transaction: what was done, as an audit event. `before` and `after`: contents.
Result<void> tell_policy_change(storage::Work& work, const PolicySurroundings& surroundings,
                                const directory::Mandate& mandate, const PolicyDraft& draft,
                                std::string_view action, std::string_view before,
                                std::string_view after, const FoundInDraft& found = {});

}  // namespace wardlock::pap
