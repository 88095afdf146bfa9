#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "cedar/ast/policy.h"
#include "cedar/trace/parts.h"
#include "cedar/trace/trace.h"

namespace wardlock::explain {

/// What a part came to, by itself, as far as the reader may know.
enum class PartOutcome : std::uint8_t { kTrue, kFalse, kError, kWithheld };

/// A part and the value it has, or ought to have.
struct PartValue {
  std::size_t part = 0;  ///< index in `parts_of`
  bool value = true;

  friend auto operator<=>(const PartValue&, const PartValue&) = default;
};

/// What the policy as a whole came to.
enum class PolicyOutcome : std::uint8_t { kSatisfied, kUnsatisfied, kError, kWithheld };

std::string_view to_string(PolicyOutcome outcome);

/// Why a policy is satisfied or not, by what its parts came to. Borrows from the policy.
///
/// Elements of the scope and leaves of conditions are looked at by themselves, also behind a short
/// circuit, so that all that is missing is found and not only the first. What is withheld counts as
/// missing wherever it matters, whatever it is; it is taken not to err.
class Reckoning {
 public:
  /// `parts` are the policy's own, `outcomes` theirs.
  Reckoning(const cedar::Template& policy, std::span<const cedar::Part> parts,
            std::span<const PartOutcome> outcomes);

  PolicyOutcome outcome() const { return outcome_; }

  /// The fewest parts that would have to come to another value, each with that value. With these,
  /// and all others as they are, the policy is satisfied. Empty iff it is.
  std::vector<PartValue> missing() const;

  /// The parts by which it is satisfied, but for those that are withheld. Requires that it is.
  std::vector<PartValue> held() const;

  /// By part: whether evaluation surely comes to it.
  const std::vector<bool>& reached() const { return reached_; }

  /// By part: the value that lets the policy be satisfied, were it alone: false under `!` or
  /// `unless`.
  const std::vector<bool>& wanted() const { return wanted_; }

 private:
  struct Cost {
    std::size_t to_true = 0;
    std::size_t to_false = 0;
    std::size_t to_either = 0;  ///< to a value, whichever, instead of an error

    std::size_t to(bool value) const { return value ? to_true : to_false; }
  };
  using Met = std::optional<PartOutcome>;
  using Operands = std::span<const cedar::Expr* const>;

  std::size_t index_of(const cedar::Expr& leaf) const { return leaves_.at(&leaf); }
  Cost weigh(const cedar::Expr& expr);
  Cost weigh_chain(Operands operands, bool goes_on_while);
  std::size_t cost(const cedar::Expr& expr, bool value) const { return costs_.at(&expr).to(value); }
  void gather(const cedar::Expr& expr, bool value, std::vector<PartValue>& out) const;
  void gather_either(const cedar::Expr& expr, std::vector<PartValue>& out) const;
  void gather_chain(Operands operands, bool goes_on_while, bool value,
                    std::vector<PartValue>& out) const;
  void witness(const cedar::Expr& expr, std::vector<PartValue>& out) const;
  Met run(const cedar::Expr& expr, bool is_sure);
  Met run_chain(Operands operands, bool goes_on_while, bool is_sure);
  Met run_branches(const cedar::IfExpr& e, bool is_sure);
  PolicyOutcome run();
  void want(const cedar::Expr& expr, bool value);

  const cedar::Template& policy_;
  std::span<const cedar::Part> parts_;
  std::span<const PartOutcome> outcomes_;
  std::map<const cedar::Expr*, std::size_t> leaves_;
  std::map<const cedar::Expr*, Cost> costs_;
  std::map<const cedar::Expr*, PartOutcome> values_;  ///< of connectives and leaves evaluation met
  std::vector<bool> reached_;
  std::vector<bool> wanted_;
  PolicyOutcome outcome_ = PolicyOutcome::kUnsatisfied;
};

}  // namespace wardlock::explain
