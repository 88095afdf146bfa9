#include "prover/condition/consistency.h"

#include <algorithm>
#include <numeric>

namespace wardlock::prover {
namespace {

using cedar::Kind;
using Form = Atom::Form;

constexpr std::int64_t kDay = 86'400'000;

bool is_number(std::optional<Kind> kind) {
  return kind == Kind::kLong || kind == Kind::kDecimal || kind == Kind::kDatetime ||
         kind == Kind::kDuration;
}

bool is_time_of_day(const Term& term) {
  if (term.form != Term::Form::kOther || term.expr == nullptr) return false;
  const auto* call = std::get_if<cedar::ExtensionCall>(&term.expr->node);
  return call != nullptr && call->function == cedar::ExtensionFunction::kToTime;
}

}  // namespace

Consistency::Consistency(const Conditions& conditions, const Assumptions& assumptions,
                         const cedar::EntityStore& given)
    : conditions_(conditions),
      assumptions_(assumptions),
      given_(given),
      classes_(conditions.term_count()) {
  std::iota(classes_.begin(), classes_.end(), TermId{0});
  unite_equals();
  unite_congruent();
  for (TermId term = 0; term < classes_.size(); ++term) classes_[term] = find(term);
  settle_values();
  note_accesses();
  note_sets();
  if (!is_contradictory_) check_differences();
  if (!is_contradictory_) check_memberships();
  if (!is_contradictory_) check_order();
}

Consistency::ClassId Consistency::find(TermId term) const {
  while (classes_[term] != term) term = classes_[term];
  return term;
}

void Consistency::merge(TermId a, TermId b) {
  const ClassId first = find(a);
  const ClassId second = find(b);
  classes_[std::max(first, second)] = std::min(first, second);
}

void Consistency::unite_equals() {
  for (AtomId id = 0; id < conditions_.atom_count(); ++id) {
    const Atom& atom = conditions_.atom(id);
    const bool is_equal = atom.form == Form::kEqual && assumptions_[id] == Outcomes::is_true();
    if (is_equal) merge(atom.left, atom.right);
  }
}

/// Equal entities and records have equal attributes and tags.
void Consistency::unite_congruent() {
  bool is_changing = true;
  while (is_changing) {
    is_changing = false;
    std::map<Key, TermId> seen;
    for (TermId id = 0; id < classes_.size(); ++id) {
      const Term& term = conditions_.term(id);
      const bool is_tag = term.form == Term::Form::kTag;
      if (!is_tag && term.form != Term::Form::kAttribute) continue;
      const Key key{.of = find(term.of),
                    .is_tag = is_tag,
                    .name = std::string(term.name),
                    .key = is_tag ? find(term.key) : 0};
      const auto [it, is_new] = seen.try_emplace(key, id);
      if (is_new || find(it->second) == find(id)) continue;
      merge(it->second, id);
      is_changing = true;
    }
  }
}

template <typename K>
void Consistency::note(std::map<K, bool>& facts, K key, bool value) {
  const auto [it, is_new] = facts.try_emplace(std::move(key), value);
  if (!is_new && it->second != value) contradict();
}

/// One class has one value, and its entities are of one type.
void Consistency::settle_values() {
  std::map<ClassId, std::string_view> types;
  for (TermId id = 0; id < classes_.size(); ++id) {
    const Term& term = conditions_.term(id);
    const ClassId here = classes_[id];
    if (term.type.is_entity() && !term.type.entity_type.empty()) {
      const auto [it, is_new] = types.try_emplace(here, term.type.entity_type);
      if (!is_new && it->second != term.type.entity_type) contradict();
    }
    if (!term.value) continue;
    const auto [it, is_new] = values_.try_emplace(here, &*term.value);
    if (!is_new && !(*it->second == *term.value)) contradict();
    if (term.value->is(Kind::kBool)) note(truths_, here, term.value->as_bool());
  }
  for (AtomId id = 0; id < conditions_.atom_count(); ++id) {
    if (conditions_.atom(id).form != Form::kTrue) continue;
    const bool is_true = assumptions_[id] == Outcomes::is_true();
    if (is_true || assumptions_[id] == Outcomes::is_false()) {
      note(truths_, classes_[conditions_.atom(id).left], is_true);
    }
  }
}

Consistency::Key Consistency::key_of(const Access& access) const {
  return {.of = classes_[access.of],
          .is_tag = access.is_tag,
          .name = std::string(access.name),
          .key = access.is_tag ? classes_[access.key] : 0};
}

/// What was evaluated without an error had all it accessed; what erred lacked something.
void Consistency::note_accesses() {
  for (AtomId id = 0; id < conditions_.atom_count(); ++id) {
    const Atom& atom = conditions_.atom(id);
    const Outcomes outcome = assumptions_[id];
    if (!outcome.is_settled() || outcome == Outcomes::is_error()) continue;
    for (const Access& access : atom.accesses) note(accesses_, key_of(access), true);
    const bool asks = atom.form == Form::kHas || atom.form == Form::kHasTag;
    if (!asks) continue;
    const bool is_tag = atom.form == Form::kHasTag;
    note(accesses_,
         key_of({.of = atom.left, .is_tag = is_tag, .name = atom.name, .key = atom.right}),
         outcome == Outcomes::is_true());
  }
  note_known_entities();
  for (AtomId id = 0; id < conditions_.atom_count(); ++id) {
    const Atom& atom = conditions_.atom(id);
    if (assumptions_[id] != Outcomes::is_error() || atom.is_partial) continue;
    const bool is_complete = std::ranges::all_of(atom.accesses, [&](const Access& access) {
      const auto it = accesses_.find(key_of(access));
      return it != accesses_.end() && it->second;
    });
    if (is_complete) contradict();
  }
}

/// What has something that only the directory knows is known to it, and has all that it must.
void Consistency::note_known_entities() {
  std::set<ClassId> known;
  for (AtomId id = 0; id < conditions_.atom_count(); ++id) {
    const Atom& atom = conditions_.atom(id);
    const Outcomes outcome = assumptions_[id];
    if (!outcome.is_settled() || outcome == Outcomes::is_error()) continue;
    for (const Access& access : atom.accesses) {
      if (conditions_.shows_entity(access)) known.insert(classes_[access.of]);
    }
    const Access asked{.of = atom.left,
                       .is_tag = atom.form == Form::kHasTag,
                       .name = atom.name,
                       .key = atom.right};
    const bool has = (atom.form == Form::kHas || asked.is_tag) && outcome == Outcomes::is_true();
    if (has && conditions_.shows_entity(asked)) known.insert(classes_[atom.left]);
  }
  const auto note_required = [&](TermId of, std::string_view name) {
    if (!known.contains(classes_[of]) || !conditions_.is_required_of_entity(of, name)) return;
    note(accesses_, key_of({.of = of, .is_tag = false, .name = name, .key = 0}), true);
  };
  for (TermId id = 0; id < classes_.size(); ++id) {
    const Term& term = conditions_.term(id);
    if (term.form == Term::Form::kAttribute) note_required(term.of, term.name);
  }
}

void Consistency::note_sets() {
  for (AtomId id = 0; id < conditions_.atom_count(); ++id) {
    const Atom& atom = conditions_.atom(id);
    const bool is_true = assumptions_[id] == Outcomes::is_true();
    if (!is_true && assumptions_[id] != Outcomes::is_false()) continue;
    const ClassId set = classes_[atom.left];
    if (atom.form == Form::kIsEmpty) note(emptiness_, set, is_true);
    if (atom.form == Form::kContains) note(contents_, {set, classes_[atom.right]}, is_true);
  }
  for (const auto& [content, is_there] : contents_) {
    const auto empty = emptiness_.find(content.first);
    if (is_there && empty != emptiness_.end() && empty->second) contradict();
    const cedar::Value* set = value_of(content.first);
    const cedar::Value* member = value_of(content.second);
    if (set == nullptr || member == nullptr || !set->is(Kind::kSet)) continue;
    if (cedar::contains(set->as_set(), *member) != is_there) contradict();
  }
}

void Consistency::check_differences() {
  for (AtomId id = 0; id < conditions_.atom_count(); ++id) {
    const Atom& atom = conditions_.atom(id);
    if (atom.form != Form::kEqual || assumptions_[id] != Outcomes::is_false()) continue;
    const ClassId left = classes_[atom.left];
    const ClassId right = classes_[atom.right];
    if (left == right) return contradict();
    const auto a = truths_.find(left);
    const auto b = truths_.find(right);
    if (a != truths_.end() && b != truths_.end() && a->second == b->second) return contradict();
  }
}

const cedar::Value* Consistency::value_of(ClassId id) const {
  static constexpr auto kValue = [](bool value) { return cedar::Value::boolean(value); };
  static const cedar::Value yes = kValue(true);
  static const cedar::Value no = kValue(false);
  if (const auto it = values_.find(id); it != values_.end()) return it->second;
  if (const auto it = truths_.find(id); it != truths_.end()) return it->second ? &yes : &no;
  return nullptr;
}

std::optional<bool> Consistency::has(TermId of, std::string_view name) const {
  const auto it = accesses_.find(key_of({.of = of, .is_tag = false, .name = name, .key = 0}));
  return it == accesses_.end() ? std::nullopt : std::optional(it->second);
}

std::optional<bool> Consistency::has_tag(TermId of, TermId key) const {
  const auto it = accesses_.find(key_of({.of = of, .is_tag = true, .name = {}, .key = key}));
  return it == accesses_.end() ? std::nullopt : std::optional(it->second);
}

// ---- Which entities are in which

/// What the given entities say, if the member is one of them; nothing: that is open.
std::optional<bool> Consistency::given_membership(ClassId member, ClassId group) const {
  const cedar::Value* value = value_of(member);
  const cedar::Value* in = value_of(group);
  if (value == nullptr || in == nullptr || !value->is(Kind::kEntity) || !in->is(Kind::kEntity)) {
    return std::nullopt;
  }
  if (value->as_entity() == in->as_entity()) return true;
  const cedar::Entity* entity = given_.find(value->as_entity());
  if (entity == nullptr) return std::nullopt;
  return given_.has_ancestor(*entity, in->as_entity());
}

bool Consistency::is_reached(ClassId member, ClassId group) const {
  std::set<ClassId> seen = {member};
  std::vector<ClassId> open = {member};
  while (!open.empty()) {
    const ClassId here = open.back();
    open.pop_back();
    if (here == group || given_membership(here, group) == true) return true;
    const auto further = [&](ClassId next) {
      if (seen.insert(next).second) open.push_back(next);
    };
    if (const auto it = memberships_.find(here); it != memberships_.end()) {
      for (const ClassId next : it->second) further(next);
    }
    if (value_of(here) == nullptr) continue;
    for (const auto& [next, groups] : memberships_) {
      if (given_membership(here, next) == true) further(next);
    }
  }
  return false;
}

void Consistency::check_memberships() {
  std::vector<std::pair<ClassId, ClassId>> excluded;
  for (AtomId id = 0; id < conditions_.atom_count(); ++id) {
    const Atom& atom = conditions_.atom(id);
    const bool is_true = assumptions_[id] == Outcomes::is_true();
    if (atom.form != Form::kIn || (!is_true && assumptions_[id] != Outcomes::is_false())) continue;
    const ClassId left = classes_[atom.left];
    const ClassId right = classes_[atom.right];
    if (!is_true) {
      excluded.emplace_back(left, right);
      continue;
    }
    if (given_membership(left, right) == false) return contradict();
    if (left != right) memberships_[left].insert(right);
    memberships_.try_emplace(right);
  }
  const bool is_broken = std::ranges::any_of(
      excluded, [&](const auto& each) { return is_reached(each.first, each.second); });
  if (is_broken) contradict();
}

// ---- How numbers are ordered

std::optional<std::int64_t> Consistency::number_of(ClassId id) const {
  const cedar::Value* value = value_of(id);
  if (value == nullptr || !is_number(value->kind())) return std::nullopt;
  return value->is(Kind::kLong) ? value->as_long() : value->as_scaled();
}

void Consistency::check_order() {
  const auto is_ordered = [&](AtomId id) {
    const Atom& atom = conditions_.atom(id);
    const bool is_settled =
        assumptions_[id] == Outcomes::is_true() || assumptions_[id] == Outcomes::is_false();
    const bool is_number_equal =
        atom.form == Form::kEqual && is_number(conditions_.term(atom.left).type.kind);
    return is_settled &&
           (atom.form == Form::kLess || atom.form == Form::kLessEqual || is_number_equal);
  };
  for (AtomId id = 0; id < conditions_.atom_count(); ++id) {
    if (!is_ordered(id)) continue;
    for (const TermId term : {conditions_.atom(id).left, conditions_.atom(id).right}) {
      nodes_.try_emplace(classes_[term], nodes_.size());
    }
  }
  if (nodes_.empty()) return;
  Order order(nodes_.size());
  for (const auto& [id, node] : nodes_) {
    if (const auto number = number_of(id))
      order.at_most(node, *number), order.at_least(node, *number);
  }
  for (TermId id = 0; id < classes_.size(); ++id) {
    const auto node = nodes_.find(classes_[id]);
    if (node == nodes_.end() || !is_time_of_day(conditions_.term(id))) continue;
    order.at_least(node->second, 0);
    order.at_most(node->second, kDay - 1);
  }
  for (AtomId id = 0; id < conditions_.atom_count(); ++id) {
    if (!is_ordered(id)) continue;
    const Atom& atom = conditions_.atom(id);
    const Order::Node left = nodes_.at(classes_[atom.left]);
    const Order::Node right = nodes_.at(classes_[atom.right]);
    const bool is_true = assumptions_[id] == Outcomes::is_true();
    const bool is_less = atom.form == Form::kLess;
    if (atom.form == Form::kEqual) {
      if (!is_true) order.differ(left, right);
    } else if (is_true) {
      order.bound(left, right, is_less ? -1 : 0);
    } else {
      order.bound(right, left, is_less ? 0 : -1);
    }
  }
  if (!order.close()) return contradict();
  order_ = std::move(order);
}

std::optional<std::map<Consistency::ClassId, std::int64_t>> Consistency::choose_numbers(
    const std::map<ClassId, std::int64_t>& wanted) const {
  std::map<ClassId, std::int64_t> out;
  if (!order_) return out;
  std::vector<std::int64_t> near(nodes_.size());
  for (const auto& [id, node] : nodes_) {
    if (const auto it = wanted.find(id); it != wanted.end()) near[node] = it->second;
  }
  Order order = *order_;
  const auto chosen = order.choose(near);
  if (!chosen) return std::nullopt;
  for (const auto& [id, node] : nodes_) out.emplace(id, (*chosen)[node]);
  return out;
}

}  // namespace wardlock::prover
