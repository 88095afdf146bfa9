#pragma once

#include <cstdint>
#include <optional>
#include <queue>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "cedar/ast/policy.h"
#include "cedar/entities/entity_index.h"
#include "cedar/evaluator/evaluator.h"

namespace wardlock::search {

/// Which entities of a type come into question: all of them, or those of some lists, which may
/// overlap. More than really match, never fewer.
class Candidates {
 public:
  static Candidates all() {
    Candidates candidates;
    candidates.is_all_ = true;
    return candidates;
  }
  /// None.
  Candidates() = default;
  explicit Candidates(cedar::IndexEntries entries) { add(entries); }

  bool is_all() const { return is_all_; }
  std::span<const cedar::IndexEntries> lists() const { return lists_; }

  /// Those of either.
  Candidates& add(Candidates other);
  Candidates& add(cedar::IndexEntries entries);
  /// The fewer of both: what is in both is in each.
  friend Candidates fewer(Candidates a, Candidates b);

 private:
  bool is_all_ = false;
  std::size_t count_ = 0;
  std::vector<cedar::IndexEntries> lists_;
};

/// Goes through candidates in the order of their places, each once.
class CandidateWalk {
 public:
  /// From the place `first` on, before the place `end`. Borrows the candidates.
  CandidateWalk(const Candidates& candidates, std::uint32_t first, std::uint32_t end);

  std::optional<std::uint32_t> next();

 private:
  using Head = std::pair<std::uint32_t, std::size_t>;  ///< a list's next place, and the list

  void push(std::size_t list);

  bool is_all_;
  std::uint32_t next_;
  std::uint32_t end_;
  std::vector<cedar::IndexEntries> rests_;
  std::priority_queue<Head, std::vector<Head>, std::greater<>> heads_;
};

/// What a search knows, and what it does not.
struct Unknown {
  cedar::Variable sought;  ///< kPrincipal or kResource
  /// Attributes that the request gives to what is sought, whatever the index says of them, and
  /// those it gives to the other one, who may be found at the end of a path.
  std::vector<std::string_view> sought_properties = {};
  std::vector<std::string_view> known_properties = {};
};

/// Finds entities for which a policy may hold: from the policy's scope and from conditions that
/// must be true for it, those that an index can answer. Their known sides are evaluated. Whatever
/// else a policy says is left to the decision, so that what is found is more than what matches.
class CandidateFinder {
 public:
  /// `request` has some entity that does not exist for the sought one. Borrows everything.
  CandidateFinder(const cedar::TypeIndex& index, std::string_view type, const Unknown& unknown,
                  const cedar::Request& request, const cedar::EntityView& entities, Arena& arena);

  /// For a policy whose action scope matches.
  Candidates of(const cedar::Policy& policy);
  /// The entity and what is in it.
  Candidates in(const cedar::EntityUid& group);
  /// The entity, if it is one of those searched.
  Candidates just(const cedar::EntityUid& uid);

 private:
  using Expr = cedar::Expr;
  using Value = cedar::Value;

  Candidates of_scope(const cedar::ScopeConstraint& scope, const cedar::EntityUid* slot);
  bool holds(const cedar::ScopeConstraint& scope, const cedar::EntityUid* slot,
             const cedar::EntityUid& uid) const;
  bool is_in(const cedar::EntityUid& uid, const cedar::EntityUid& group) const;

  /// Those for which the expression may evaluate to the Boolean.
  Candidates that_give(const Expr& expr, bool wanted);
  Candidates of_operands(std::span<const Expr* const> operands, bool wanted, bool all_must);
  Candidates of_if(const cedar::IfExpr& expr, bool wanted);
  Candidates of_leaf(const Expr& expr, bool wanted);
  Candidates of_binary(const cedar::BinaryExpr& expr);
  Candidates of_is(const cedar::IsExpr& expr);

  Candidates equal(const Expr& a, const Expr& b);
  Candidates in(const Expr& member, const Expr& group);
  Candidates known_in(const Value& member, const cedar::AttributePath& group);
  Candidates contains(const Expr& set, const Expr& member);
  Candidates contains_any(const Expr& a, const Expr& b);
  Candidates contains_all(const Expr& set, const Expr& members);

  Candidates find(const cedar::AttributePath& path, cedar::Relation relation, const Value& key);
  /// Where the expression reads from the sought entity, if an index can follow.
  std::optional<cedar::AttributePath> path_of(const Expr& expr);
  bool extend(cedar::AttributePath& path, std::string_view name, bool is_tag) const;
  /// Whether the expression has one value, whichever entity is sought.
  bool is_known(const Expr& expr) const;
  bool is_sought(const Expr& expr) const;

  const cedar::TypeIndex& index_;
  std::string_view type_;
  const Unknown& unknown_;
  const cedar::Request& request_;
  cedar::EntityView entities_;
  cedar::Evaluator evaluator_;
  bool is_in_condition_ = false;  ///< of an `if`
};

}  // namespace wardlock::search
