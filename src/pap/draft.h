#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wardlock::pap {

/// Where policies are used: `development`, `test`, `production` or what a tenant calls it. Serials
/// and what is in force are of one environment.
struct PolicyPlace {
  std::string tenant;
  std::string environment;

  bool operator==(const PolicyPlace&) const = default;
};

/// Where a draft stands. That it is approved is no state: it follows from its signatures.
enum class DraftState : std::uint8_t {
  kOpen,       ///< being written
  kInReview,   ///< to be signed; with another content it is open again
  kRejected,   ///< a reviewer said no; with another content it is open again
  kWithdrawn,  ///< its author gave it up
  kActivated,  ///< it came into force
};
/// `open`, `in_review`, `rejected`, `withdrawn`, `activated`.
std::string_view to_string(DraftState state);
std::optional<DraftState> find_draft_state(std::string_view name);

/// A change of policies that is proposed. Contents are named as bundle::Content::name has it. Times
/// are milliseconds since the epoch.
struct PolicyDraft {
  std::string id;  ///< a UUID of version 7
  PolicyPlace place;
  std::string author = {};  ///< who began it: a person's id in the directory
  std::string title = {};
  std::string base = {};  ///< the content in force when it was last written; empty: there was none
  std::string content = {};
  std::uint64_t edition = 1;  ///< one more with each change; for optimistic concurrency
  DraftState state = DraftState::kOpen;
  std::int64_t made_ms = 0;
  std::int64_t changed_ms = 0;
};

/// What was done with a draft.
enum class DraftStep : std::uint8_t {
  kBegin,
  kWrite,
  kSubmit,
  kReject,
  kWithdraw,
  kActivate,
  kOverdue
};
/// `begin`, `write`, `submit`, `reject`, `withdraw`, `activate`, `overdue`: an emergency change
/// that nobody has approved in time.
std::string_view to_string(DraftStep step);

/// One step of its history, which stays for ever.
struct KeptStep {
  std::uint64_t number = 0;  ///< from 1
  std::string step;
  std::string person;
  std::string content;  ///< the draft's after it
  std::string reason;
  std::int64_t at_ms = 0;
};

/// How a check ended. Only `kPassed` lets a draft be activated.
enum class CheckOutcome : std::uint8_t { kPassed, kFailed, kUndecided };
/// `passed`, `failed`, `undecided`.
std::string_view to_string(CheckOutcome outcome);

/// What a check found in the draft's content, compared with its base.
struct DraftCheck {
  std::string name;  ///< `validate`, `format`, `tests`, `invariants`, `comparison`
  CheckOutcome outcome = CheckOutcome::kUndecided;
  std::string report = {};  ///< JSON, an object: `summary`, one line; `message`, more; …
  std::int64_t at_ms = 0;
  bool is_required = false;  ///< to be passed before the draft is reviewed; of one that was kept
};

}  // namespace wardlock::pap
