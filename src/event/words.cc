#include "event/words.h"

#include <array>

namespace wardlock::event {
namespace {

constexpr std::array<Word<Kind>, 25> kKinds = {{
    {Kind::kDecision, "decision", "An access was decided"},
    {Kind::kSearch, "search", "Somebody asked who may do what to which"},
    {Kind::kRefusal, "refusal",
     "A question was not answered: its caller is not known or may not ask that, or it is none that "
     "can be decided"},
    {Kind::kLogin, "login", "Somebody proved who they are"},
    {Kind::kLoginFailed, "login_failed", "Somebody could not prove who they are"},
    {Kind::kLogout, "logout", "A session ended"},
    {Kind::kConfigurationChange, "configuration_change", "A setting changed"},
    {Kind::kPolicyChange, "policy_change", "Policies, their schema or their data changed"},
    {Kind::kRoleChange, "role_change", "Somebody was given a role, or lost one"},
    {Kind::kUserChange, "user_change", "A person, device or service was added, changed or removed"},
    {Kind::kCredentialChange, "credential_change",
     "A password, key, token or certificate was issued, changed or revoked"},
    {Kind::kOverrideStart, "override_start", "The glass was broken: a grant was opened"},
    {Kind::kOverrideUse, "override_use", "An access was allowed by a grant alone"},
    {Kind::kOverrideEnd, "override_end", "A grant ended"},
    {Kind::kReview, "review", "A person judged an override or a right"},
    {Kind::kErasure, "erasure", "A subject's key was erased, and with it the subject's data"},
    {Kind::kLegalHold, "legal_hold", "Records were held back from erasure, or released"},
    {Kind::kServiceStart, "service_start",
     "A node began to serve; `count` records before that had no checkpoint when it opened the log: "
     "a node that was killed left them, or somebody added them"},
    {Kind::kServiceStop, "service_stop", "A node stopped"},
    {Kind::kSpooled, "spooled",
     "The log could not be written for a while; `count` records came from the spool before this "
     "one"},
    {Kind::kLogRead, "log_read",
     "Somebody looked up what this log holds of whom it names; `count` events were found"},
    {Kind::kRetentionRemoval, "retention_removal",
     "The oldest records were removed, since they had been kept long enough; the first `count` of "
     "the log are gone"},
    {Kind::kLogKeyChange, "log_key_change",
     "The key that signs this log was exchanged; `changed` is what both keys have signed to say "
     "so"},
    {Kind::kMessage, "message",
     "A message to a person was delivered, or given up; `action` is what it was about, and what it "
     "said is not kept"},
    {Kind::kOverrideChange, "override_change",
     "A grant was renewed, will end soon, or is for the record that its patient turned out to be"},
}};

constexpr std::array<Word<Outcome>, 3> kOutcomes = {{
    {Outcome::kSuccess, "success", "It was done, or allowed"},
    {Outcome::kFailure, "failure", "It was refused: denied, or not proven"},
    {Outcome::kError, "error", "It could not be done, or could not be decided"},
}};

template <typename Words>
constexpr bool are_in_order(const Words& words) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (static_cast<std::size_t>(words[i].value) != i) return false;
  }
  return true;
}
static_assert(are_in_order(kKinds) && are_in_order(kOutcomes));

}  // namespace

std::span<const Word<Kind>> all_kinds() { return kKinds; }
std::span<const Word<Outcome>> all_outcomes() { return kOutcomes; }

std::string_view headline(Kind kind) {
  const std::string_view about = kKinds[static_cast<std::size_t>(kind)].about;
  return about.substr(0, about.find(';'));
}

}  // namespace wardlock::event
