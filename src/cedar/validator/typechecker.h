#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "cedar/ast/policy.h"
#include "cedar/validator/capabilities.h"
#include "cedar/validator/findings.h"
#include "cedar/validator/inferred_type.h"
#include "cedar/validator/request_environment.h"
#include "cedar/validator/type_pool.h"

namespace wardlock::cedar {

using TypeMap = std::unordered_map<const Expr*, const InferredType*>;

/// What came of typing a policy's conditions in one environment.
struct ConditionsTyping {
  std::vector<const InferredType*> conditions;  ///< of each; null: never evaluated, or wrong
  bool is_impossible = false;                   ///< they never all hold
};

/// Types expressions in one request environment, as the reference implementation does: capabilities
/// say which attributes and tags are guarded, and what can never be evaluated is not looked at.
/// Borrows everything it is given. Not thread-safe.
class Typechecker {
 public:
  /// Where `types` is given, the type of each node goes there.
  Typechecker(TypePool& pool, CapabilityTable& capabilities, const RequestEnvironment& environment,
              Findings& findings, Steps& steps, TypeMap* types = nullptr)
      : pool_(pool),
        capabilities_(capabilities),
        environment_(environment),
        findings_(findings),
        steps_(steps),
        types_(types) {}

  ConditionsTyping check(const Template& policy);

 private:
  /// What an operation asks of an operand.
  enum class Wanted : std::uint8_t {
    kBool,
    kLong,
    kString,
    kDecimal,
    kDatetime,
    kDuration,
    kIp,
    kEntity,
    kSet,
    kEntityOrRecord,
    kEntityOrEntities,
    kOrdered,
  };
  /// The type is null where an error has been reported; then nothing more is said about it.
  struct Typed {
    const InferredType* type = nullptr;
    Capabilities learned = {};  ///< what is known where the expression is true
  };
  struct Signature;
  struct Visitor;

  Typed check(const Expr& expr);
  /// Reports what is not wanted of the operand of `operation`.
  Typed check(const Expr& expr, Wanted wanted, std::string_view operation);
  /// As `check`; where there is an error, a bool of which nothing is known.
  Typed check_bool(const Expr& expr, std::string_view operation);
  Typed check_and(std::span<const Expr* const> operands);
  Typed check_or(std::span<const Expr* const> operands);
  Typed check_if(const Expr& at, const IfExpr& e);

  Typed check_get(const Expr& at, const GetAttr& e);
  Typed check_has(const Expr& at, const HasAttr& e);
  Typed check_get_tag(const Expr& at, const BinaryExpr& e);
  Typed check_has_tag(const BinaryExpr& e);
  void report_unknown_attribute(const Expr& at, const InferredType& type, std::string_view name);

  Typed check_binary(const Expr& at, const BinaryExpr& e);
  Typed check_equal(const Expr& at, const BinaryExpr& e);
  Typed check_less(const BinaryExpr& e);
  Typed check_arithmetic(const BinaryExpr& e, std::string_view operation);
  Typed check_contains(const Expr& at, const BinaryExpr& e);
  Typed check_in(const BinaryExpr& e);
  Typed check_is(const IsExpr& e);
  const InferredType* type_of_in(const Expr& left, const InferredType& left_type, const Expr& right,
                                 const InferredType& right_type);
  Typed check_set(const Expr& at, const SetExpr& e);
  Typed check_record(const RecordExpr& e);
  Typed check_call(const Expr& at, const ExtensionCall& e);
  void check_constructor(const Expr& at, const ExtensionCall& e);

  /// Null for what the schema does not declare, which is reported elsewhere.
  const InferredType* type_of(const EntityUid& uid);
  /// The entity that is written, or that `action` stands for; else null.
  const EntityUid* known_entity(const Expr& expr) const;
  /// The literal's value, or that of `action`.
  std::optional<Value> known_value(const Expr& expr) const;
  /// Whether the action is in the entity or the set; nothing where that is not known.
  std::optional<bool> is_action_in(const EntityUid& action, const Expr& groups) const;
  /// In strict mode, reports that two types should be one.
  void expect_compatible(const Expr& at, const InferredType* a, const InferredType* b,
                         std::string_view what);
  void error(const Expr& at, ValidationCode code, std::string message, std::string help = "");
  void report_mismatch(const Expr& at, Wanted wanted, const InferredType& found,
                       std::string_view operation);

  static bool matches(Wanted wanted, const InferredType& type);
  static std::string_view name_of(Wanted wanted);
  static const Signature& signature_of(ExtensionFunction function);

  TypePool& pool_;
  CapabilityTable& capabilities_;
  const RequestEnvironment& environment_;
  Findings& findings_;
  Steps& steps_;
  TypeMap* types_;
};

}  // namespace wardlock::cedar
