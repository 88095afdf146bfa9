#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "cedar/ast/policy.h"
#include "cedar/schema/schema.h"
#include "cedar/validator/request_environment.h"
#include "prover/condition/formula.h"
#include "prover/condition/term.h"

namespace wardlock::prover {

/// Which entities there may be.
enum class EntitiesAre : std::uint8_t {
  kAny,    ///< what is named may be unknown to the directory
  kKnown,  ///< whatever a question comes to exists, as the schema declares it
};

/// The conditions of policies in one request environment, taken apart into atoms over terms.
///
/// INVARIANT: in a request that fits the schema, over entities that fit it, each atom has one
/// outcome, which is among its `possible` ones, and a formula has the outcome that Cedar's
/// evaluation has of what it was made from. Requires policies that validate strictly. Borrows the
/// schema and the policies. Not thread-safe.
class Conditions {
 public:
  Conditions(const cedar::Schema& schema, const cedar::RequestEnvironment& environment,
             EntitiesAre entities_are);

  const cedar::Schema& schema() const { return schema_; }
  const cedar::RequestEnvironment& environment() const { return environment_; }
  EntitiesAre entities_are() const { return entities_are_; }

  const Term& term(TermId id) const { return terms_[id]; }
  const Atom& atom(AtomId id) const { return atoms_[id]; }
  std::size_t term_count() const { return terms_.size(); }
  std::size_t atom_count() const { return atoms_.size(); }

  /// Nothing assumed of any atom but what types tell.
  Assumptions start() const;

  // Terms and atoms, each made once.
  TermId variable(cedar::Variable variable);
  TermId constant(const cedar::Value& value);
  TermId attribute(TermId of, std::string_view name);
  TermId tag(TermId of, TermId key);
  TermId other(const cedar::Expr& expr, std::vector<TermId> parts, bool is_partial,
               std::optional<cedar::Kind> kind);
  const Formula* atom(Atom::Form form, TermId left, TermId right = 0, std::string_view name = {});

  const Formula* constant_formula(bool value);
  const Formula* negation(const Formula* of);
  const Formula* row(Formula::Op op, std::vector<const Formula*> operands);
  const Formula* branch(const Formula* condition, const Formula* then_branch,
                        const Formula* else_branch);

  /// Whether an entity that the directory knows has the attribute for sure: the schema requires it,
  /// and it is not the application's to say.
  bool is_required_of_entity(TermId of, std::string_view name) const;
  /// Whether only what the directory knows can have it: all but what the application says.
  bool shows_entity(const Access& access) const;

  /// Keeps values that are computed while conditions are taken apart.
  Arena& arena() { return *arena_; }

 private:
  const Formula* keep(Formula formula);
  TermId intern(Term term);
  const cedar::Attribute* find_attribute(const TermType& of, std::string_view name) const;
  void collect(TermId id, Atom& atom) const;
  void narrow(Atom& atom) const;
  bool may_be_in(TermId left, TermId right) const;
  bool is_flat(TermId left, TermId right) const;

  const cedar::Schema& schema_;
  cedar::RequestEnvironment environment_;
  EntitiesAre entities_are_;
  std::unique_ptr<Arena> arena_ = std::make_unique<Arena>();
  std::deque<Term> terms_;
  std::deque<Atom> atoms_;
  std::deque<Formula> formulas_;
  std::map<std::string, TermId> term_index_;  ///< by text
  std::map<std::string, AtomId> atom_index_;  ///< by text
};

}  // namespace wardlock::prover
