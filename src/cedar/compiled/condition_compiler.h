#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/arena.h"
#include "cedar/ast/policy.h"
#include "cedar/compiled/program.h"
#include "cedar/entities/entity_store.h"
#include "cedar/evaluator/evaluator.h"
#include "crypto/seeded_hash.h"

namespace wardlock::cedar {

/// Turns conditions into programs. Nothing is reordered, and nothing left out that could err: `&&`,
/// `||` and `if` become jumps; what has neither a variable nor an entity's attributes in it is
/// computed here, and where that gives no value, errs when it is reached.
class ConditionCompiler {
 public:
  /// Computed constants are made in `arena`, which must outlive the program. `entities`, which may
  /// be null, gives the uids that literals become; see CompileOptions.
  ConditionCompiler(Program& program, Arena& arena, const EntityStore* entities);

  /// Adds the policy's conditions. Returns where they begin, or how they end without a step. Equal
  /// conditions have one program, which is then read once for all that ask for it.
  std::uint32_t add(const Policy& policy);

 private:
  struct ConditionVisitor;
  struct ValueLess {
    bool operator()(const Value& a, const Value& b) const { return compare(a, b) < 0; }
  };
  struct ValueVisitor;

  /// A place in the code that is known once what goes before it has been written.
  using Label = std::uint32_t;
  static constexpr Label kHoldsLabel = 0, kFailsLabel = 1;
  struct Targets {
    Label if_true, if_false;

    Targets swapped() const { return {if_false, if_true}; }
  };

  Label new_label();
  void bind(Label label);
  void resolve_labels(std::size_t begin);
  std::uint32_t follow_jumps(std::uint32_t place) const;
  /// Where the code from `begin` on, or code equal to it, begins; of equal code one copy is left.
  std::uint32_t share(std::uint32_t begin, std::uint32_t entry);

  /// The registers that an instruction writes count from here.
  Operand emit(const Instruction& instruction);
  void emit_jump(Label label);
  void emit_test(Instruction question, Targets targets);

  Operand constant(const Value& value);
  Operand attribute_of(Operand variable, std::string_view attribute);
  std::uint32_t name(std::string_view text);
  std::uint32_t text_list(std::span<const std::string_view> texts);

  /// Writes what goes on at one of the targets, as the expression is true or false. Uses registers
  /// from `free` on, as all below do.
  void condition(const Expr& expr, Targets targets, Register free);
  void comparison(const BinaryExpr& e, Targets targets, Register free);
  /// Writes what makes the expression's value.
  Operand value(const Expr& expr, Register free);
  Operand boolean_value(const Expr& expr, Register free);

  /// What an operation on constants gives. If that is an error, writes it.
  Operand fold(const Expr::Node& operation, Register free);
  Expr literal(Operand constant) const;

  Program& program_;
  Arena& arena_;
  const EntityStore* entities_;
  std::vector<Names> name_lists_;
  std::map<Value, std::uint32_t, ValueLess> constants_;
  std::map<std::vector<std::string_view>, std::uint32_t> text_lists_;
  EntityStore nothing_;
  Request no_request_;
  std::vector<std::uint32_t> labels_;
  std::unordered_map<const Template*, std::uint32_t> entries_;  ///< links share one
  std::unordered_map<std::string, std::uint32_t, crypto::SeededHash, std::equal_to<>> programs_;
  using Numbers = std::unordered_map<std::string_view, std::uint32_t, crypto::SeededHash>;
  Numbers names_;
  std::array<Numbers, 4> attributes_;  ///< by the variable
};

}  // namespace wardlock::cedar
