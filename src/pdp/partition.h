#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "cedar/ast/policy.h"
#include "cedar/entities/entity_store.h"

namespace wardlock::pdp {

/// By which rule decisions are made.
enum class Mode : std::uint8_t {
  kStrict,  ///< Wardlock's: an error in a forbid denies; overrides and obligations
  kCedar,   ///< plain Cedar, for conformance and migration; refuses Wardlock's annotations
};

std::string_view to_string(Mode mode);

/// The policies of a set by the part they have in the rule. Borrows them from the set.
struct Partition {
  using Policies = std::vector<const cedar::Policy*>;

  Mode mode = Mode::kStrict;
  Policies permits;                   ///< P
  Policies overrides;                 ///< O: `@override("break-glass")` permits
  Policies forbids;                   ///< F
  Policies waivables;                 ///< W: `@waivable("break-glass")` forbids
  Policies obligations;               ///< B: `@obligation("…")` forbids
  bool tests_authentication = false;  ///< some policy reads `context.authentication`
  /// The texts in conditions that read it, each once: methods they may ask for.
  std::vector<std::string_view> authentication_texts = {};
};

/// A finding about one policy.
struct PolicyFinding {
  Severity severity = Severity::kError;
  std::string policy;
  std::string message;
};

struct PartitionResult {
  Partition partition;
  std::vector<PolicyFinding> findings;  ///< with an error among them, `partition` must not be used

  bool has_error() const;
};

/// Whether fulfilling the obligation keeps something back from the person: its first word is
/// `anonymize`, `deidentify`, `mask`, `pseudonymize` or `redact` (after HL7's ObligationPolicy
/// codes), e.g. `redact-psychiatric-notes`.
bool withholds(std::string_view obligation);

/// Sorts policies and checks their annotations. A misplaced or malformed annotation of the rule is
/// an error; an unknown key is a finding of severity `unknown_keys`.
PartitionResult partition(const cedar::PolicySet& policies, Mode mode, Severity unknown_keys);

/// Those of the policies whose scope the action can match: for this action they decide as all do.
/// The entities say which groups the action is in.
Partition narrow(const Partition& policies, const cedar::EntityUid& action,
                 const cedar::EntityStore& entities);

}  // namespace wardlock::pdp
