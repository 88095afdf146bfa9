#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "cedar/ast/policy.h"
#include "cedar/compiled/compiled_policies.h"
#include "cedar/entities/entity_store.h"

namespace wardlock::pdp {

/// By which rule decisions are made.
enum class Mode : std::uint8_t {
  kStrict,  ///< Wardlock's: an error in a forbid denies; overrides and obligations
  kCedar,   ///< plain Cedar, for conformance and migration; refuses Wardlock's annotations
};

std::string_view to_string(Mode mode);

/// The parts that policies have in the rule.
enum class RulePart : std::uint8_t {
  kPermit,      ///< P
  kOverride,    ///< O: `@override("break-glass")` permits
  kForbid,      ///< F
  kWaivable,    ///< W: `@waivable("break-glass")` forbids
  kObligation,  ///< B: `@obligation("…")` forbids
};
inline constexpr std::size_t kRulePartCount = 5;

/// The authentication methods of RFC 8176 that a person can be asked for.
inline constexpr std::array<std::string_view, 10> kSignInMethods = {
    "pwd", "pin", "otp", "hwk", "swk", "sc", "face", "fpt", "iris", "mfa"};

/// What the rule needs to know of one policy.
struct PolicyTraits {
  RulePart part = RulePart::kForbid;
  bool tests_authentication = false;  ///< it reads `context.authentication`
  std::uint16_t methods = 0;          ///< then: which of `kSignInMethods` it names, a bit for each
  /// Its conditions cannot tell apart contexts that differ in what the rule tries out:
  /// `context.authentication` and `context.override`.
  bool is_steady = false;
};

/// The policies of a set by the part they have in the rule. Borrows them from the set.
struct Partition {
  using Policies = std::vector<const cedar::Policy*>;

  Mode mode = Mode::kStrict;
  Policies permits = {};
  Policies overrides = {};
  Policies forbids = {};
  Policies waivables = {};
  Policies obligations = {};
  std::span<const cedar::Policy> set = {};  ///< all, those that `narrow` left out too
  std::vector<PolicyTraits> traits = {};    ///< of each in `set`
  /// All of the set, made ready: decisions are made with it where it is there. Else the policies
  /// are evaluated as they stand, with the same result.
  const cedar::CompiledPolicies* compiled = nullptr;

  const Policies& of(RulePart part) const;
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
/// The entities say which groups the action is in. Not compiled.
Partition narrow(const Partition& policies, const cedar::EntityUid& action,
                 const cedar::EntityStore& entities);

}  // namespace wardlock::pdp
