#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "base/arena.h"
#include "cedar/ast/policy.h"
#include "cedar/evaluator/evaluator.h"
#include "cedar/partial/typing.h"
#include "cedar/schema/schema.h"

namespace wardlock::cedar {

/// A principal or resource of a known type and perhaps an unknown id.
struct PartialUid {
  std::string_view type;
  const EntityUid* uid = nullptr;  ///< null: unknown
};

/// A request of which not everything is known. Borrows everything.
struct PartialRequest {
  PartialUid principal;
  const EntityUid* action;
  PartialUid resource;
  std::optional<Value> context;  ///< nothing: unknown
};

/// What of one entity is not known.
struct UnknownParts {
  const EntityUid* uid;
  bool attributes = false;
  bool tags = false;
  bool ancestors = false;
};

/// Entities of which not everything is known. Borrows everything.
struct PartialEntities {
  EntityView known;
  /// Whether entities of a type that are not among `known` may exist. Actions are always known.
  enum class Others : std::uint8_t { kExistNot, kUnknown, kOfOpenTypes };
  Others others = Others::kUnknown;
  std::span<const std::string_view> open_types = {};  ///< of kOfOpenTypes, sorted
  std::span<const UnknownParts> unknown_parts = {};   ///< of entities among `known`

  bool is_complete() const { return others == Others::kExistNot && unknown_parts.empty(); }
};

/// What is left of an expression.
struct Partial {
  enum class State : std::uint8_t { kValue, kError, kOpen };
  State state = State::kOpen;
  Value value = Value::boolean(false);  ///< of kValue
  std::optional<EvalError> error = {};  ///< of kError
  const Expr* expr = nullptr;           ///< of kError and kOpen: what evaluates to it
  Knowledge knowledge = {};             ///< of kOpen

  bool is_value() const { return state == State::kValue; }
  bool is_error() const { return state == State::kError; }
  bool is_open() const { return state == State::kOpen; }
  bool is(bool b) const { return is_value() && value.is(Kind::kBool) && value.as_bool() == b; }
};

/// What is left of a policy: its scope and conditions in one.
struct Residual {
  enum class Outcome : std::uint8_t { kFalse, kTrue, kError, kUnknown };
  const Policy* policy = nullptr;
  Outcome outcome = Outcome::kUnknown;
  const Expr* condition = nullptr;      ///< what evaluates to the outcome; never null
  std::optional<EvalError> error = {};  ///< of kError
  bool is_total = true;                 ///< its evaluation cannot err; of kError false
};

std::string_view to_string(Residual::Outcome outcome);

/// Evaluates as far as what is known allows. Whatever the unknown turns out to be – any id of the
/// type, any entities and context that are as the schema says and agree with what is known –
/// evaluating the residual then gives the same value, or fails with the same kind of error, as
/// evaluating the original. It need not validate: types are worked out from the schema and never
/// assumed of a policy.
///
/// Residuals share nodes with the original and hold literals of every kind (`spell_out` makes text
/// of them); they are in the arena. Borrows everything. Not thread-safe; make one per request.
class PartialEvaluator {
 public:
  PartialEvaluator(const Schema& schema, const PartialRequest& request,
                   const PartialEntities& entities, Arena& arena);

  Partial evaluate(const Expr& expr);
  Residual evaluate(const Policy& policy);

  const Typing& typing() const { return typing_; }
  /// The type of a variable: what the schema says, or what the known value has.
  const Type* type_of(Variable variable) const;

 private:
  struct Visitor;
  enum class Part : std::uint8_t { kAttributes, kTags, kAncestors };

  /// A node whose children are literals, in full.
  Partial fold(const Expr::Node& node, const Expr& at);
  /// A node of which some child is open.
  Partial open(const Expr::Node& node, std::span<const Partial> children, Span span);
  const Expr* expr_of(const Partial& partial, Span span);
  Knowledge knowledge_of(const Partial& partial) const;
  bool is_known(const EntityUid& uid, Part part) const;
  bool is_known_not_to_exist(const EntityUid& uid) const;
  bool has_known_parents(const EntityUid& uid) const;
  bool is_surely_in(const EntityUid& uid, const EntityUid& group) const;

  const PartialRequest& request_;
  const PartialEntities& entities_;
  Arena& arena_;
  Typing typing_;
  Request stand_in_;  ///< for folding: expressions without variables
  Evaluator evaluator_;
};

/// The expression with every literal as the language writes it: extension values as constructor
/// calls, sets and records as such. In `arena`.
const Expr* spell_out(const Expr& expr, Arena& arena);

/// The residual as a policy of its own: same id, effect and annotations, no scope, and the
/// condition unless it is `true`.
std::unique_ptr<Template> to_policy(const Residual& residual);

}  // namespace wardlock::cedar
