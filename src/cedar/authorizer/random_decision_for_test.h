#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "cedar/ast/policy.h"
#include "cedar/entities/entity_store.h"
#include "cedar/evaluator/evaluator.h"

namespace wardlock::cedar {

/// Choices read from bytes, those of a fuzzer or of a generator of random numbers. When there are
/// none left, each is the first, which is the simplest.
class Choices {
 public:
  explicit Choices(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}

  /// Less than `count`, at most 65536.
  std::size_t below(std::size_t count);
  /// Never true once there are no bytes left.
  bool chance(std::size_t one_in) { return below(one_in) == one_in - 1 && one_in > 1; }
  template <typename T>
  const T& pick(std::span<const T> from) {
    return from[below(from.size())];
  }
  template <typename T>
  T pick(std::initializer_list<T> from) {
    return from.begin()[below(from.size())];
  }

 private:
  std::span<const std::uint8_t> bytes_;
};

/// Policies, entities and a request that nobody validated: references dangle, attributes are
/// missing or of another kind than elsewhere, extensions err, numbers overflow. Most expressions
/// are of the kind that their place wants, so that evaluation gets far.
class RandomDecision {
 public:
  explicit RandomDecision(std::span<const std::uint8_t> bytes);
  RandomDecision(const RandomDecision&) = delete;
  RandomDecision& operator=(const RandomDecision&) = delete;

  std::span<const Policy> policies() const { return policies_.policies(); }
  const EntityStore& entities() const { return entities_; }
  /// The entities with some that the request says more about.
  EntityView view() const { return {entities_, overlay_}; }
  /// Other entities, some of them with the same uids.
  const EntityStore& other_entities() const { return other_entities_; }
  const Request& request() const { return request_; }
  /// The request with another context.
  const Request& other_request() const { return other_request_; }
  Choices& choices() { return choices_; }

 private:
  EntityStore make_entities();
  void make_overlay();
  void make_policies();
  std::unique_ptr<Template> policy(std::size_t number);
  ScopeConstraint scope(bool may_have_slot);
  ActionConstraint action();
  std::span<const Condition> conditions();

  const EntityUid* uid(std::string_view type);
  const EntityUid* uid();
  std::string_view text();
  std::int64_t number();
  IpAddress address();
  Value value(Kind kind, int depth);
  Kind kind();
  std::span<const Field> fields(std::size_t one_missing_in, int depth);
  std::span<const Field> tags();
  std::string_view name(Kind kind);

  const Expr* make(Expr::Node node) { return make_expr(arena_, node); }
  const Expr* expr(Kind wanted, int depth);
  const Expr* leaf(Kind wanted);
  const Expr* attribute(Kind wanted, int depth);
  const Expr* boolean(int depth);
  const Expr* relation(int depth);
  const Expr* question(int depth);
  const Expr* arithmetic(int depth);
  const Expr* set(int depth);
  const Expr* record(int depth);
  const Expr* extension(Kind wanted, int depth);
  const Expr* constructor(Kind wanted);
  const Expr* call(ExtensionFunction function, std::initializer_list<const Expr*> arguments);
  std::span<const Expr* const> operands(std::size_t least, Kind wanted, int depth);

  Choices choices_;
  Arena arena_;
  PolicySet policies_;
  EntityStore entities_, other_entities_;
  std::vector<const Entity*> overlay_;
  Request request_, other_request_;
};

}  // namespace wardlock::cedar
