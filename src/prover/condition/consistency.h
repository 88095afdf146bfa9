#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cedar/entities/entity_store.h"
#include "prover/condition/conditions.h"
#include "prover/condition/order.h"

namespace wardlock::prover {

/// What follows when atoms have certain outcomes: which terms are equal, which entities are in
/// which, how numbers are ordered.
///
/// INVARIANT: where there is a request that fits the schema, over entities that fit it and among
/// which the given ones are as they are, in which the atoms have these outcomes, there is no
/// contradiction. (The converse does not hold: not all that contradicts itself is seen to.)
class Consistency {
 public:
  using ClassId = TermId;  ///< one of the terms that are equal

  /// `given`: entities that are as they are; those that are constants of policies count, with
  /// their ancestors. Borrows all.
  Consistency(const Conditions& conditions, const Assumptions& assumptions,
              const cedar::EntityStore& given);

  bool is_contradictory() const { return is_contradictory_; }

  ClassId class_of(TermId term) const { return classes_[term]; }
  /// The value of the class, where that is known.
  const cedar::Value* value_of(ClassId id) const;
  /// Whether the access is known to succeed (or not).
  std::optional<bool> has(TermId of, std::string_view name) const;
  std::optional<bool> has_tag(TermId of, TermId key) const;
  /// The groups that the entity must be put in.
  const std::map<ClassId, std::set<ClassId>>& memberships() const { return memberships_; }
  /// The members that a set must have, and those it must not.
  const std::map<std::pair<ClassId, ClassId>, bool>& contents() const { return contents_; }
  const std::map<ClassId, bool>& emptiness() const { return emptiness_; }

  /// Numbers that fit: for each class of which there is an order, near to what is wanted there.
  std::optional<std::map<ClassId, std::int64_t>> choose_numbers(
      const std::map<ClassId, std::int64_t>& wanted) const;

 private:
  struct Key {
    ClassId of;
    bool is_tag;
    std::string name;
    ClassId key;
    friend auto operator<=>(const Key&, const Key&) = default;
  };

  ClassId find(TermId term) const;
  void merge(TermId a, TermId b);
  void unite_equals();
  void unite_congruent();
  void settle_values();
  void note_accesses();
  void note_known_entities();
  void note_sets();
  void check_differences();
  void check_order();
  void check_memberships();
  std::optional<bool> given_membership(ClassId member, ClassId group) const;
  bool is_reached(ClassId member, ClassId group) const;
  void contradict() { is_contradictory_ = true; }
  template <typename K>
  void note(std::map<K, bool>& facts, K key, bool value);
  Key key_of(const Access& access) const;
  std::optional<std::int64_t> number_of(ClassId id) const;

  const Conditions& conditions_;
  const Assumptions& assumptions_;
  const cedar::EntityStore& given_;
  std::vector<TermId> classes_;
  std::map<ClassId, const cedar::Value*> values_;
  std::map<ClassId, bool> truths_;
  std::map<Key, bool> accesses_;
  std::map<ClassId, std::set<ClassId>> memberships_;
  std::map<std::pair<ClassId, ClassId>, bool> contents_;
  std::map<ClassId, bool> emptiness_;
  std::map<ClassId, Order::Node> nodes_;
  std::optional<Order> order_;
  bool is_contradictory_ = false;
};

}  // namespace wardlock::prover
