#include "pdp/delegated.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory_resource>
#include <span>
#include <string_view>
#include <vector>

#include "pdp/access.h"
#include "pdp/uniting.h"

namespace wardlock::pdp {
namespace {

using cedar::EntityUid;
using cedar::Value;

/// More than a few of one delegator's that cover one question are a mistake, or worse.
constexpr int kMostTried = 16;

/// The links from the principal's delegation to the first one.
class Chain {
 public:
  explicit Chain(const Delegation& last) { links_[count_++] = &last; }

  /// False: it is too long.
  bool add(const Delegation& link) {
    if (count_ == links_.size()) return false;
    links_[count_++] = &link;
    return true;
  }
  std::span<const Delegation* const> links() const { return std::span(links_).first(count_); }
  const Delegation& first() const { return *links_[count_ - 1]; }

 private:
  std::array<const Delegation*, kMostLinks> links_ = {};
  std::size_t count_ = 0;
};

const Delegation* find_parent(const Snapshot& snapshot, const Delegation& link,
                              const Question& question) {
  for (const Delegation& each : delegations_to(snapshot.delegations, link.delegator)) {
    const bool is_it = each.id == link.passes_on && each.delegate == link.delegator;
    if (is_it && each.may_pass_on && covers(each, question)) return &each;
  }
  return nullptr;
}

std::optional<Chain> find_chain(const Snapshot& snapshot, const Delegation& last,
                                const Question& question) {
  Chain chain(last);
  while (!chain.first().passes_on.empty()) {
    const Delegation* const parent = find_parent(snapshot, chain.first(), question);
    if (parent == nullptr || !chain.add(*parent)) return std::nullopt;
  }
  return chain;
}

std::optional<Verdict> decide_chain(const Snapshot& snapshot, const Chain& chain,
                                    const Question& question, Arena& arena,
                                    cedar::StepBudget& budget) {
  Uniting uniting(snapshot, question, arena, budget);
  const Value& plain = question.request.context;
  for (const Delegation* link : chain.links()) {
    if (!uniting.allows(link->delegate, with_delegation(plain, *link, arena))) return std::nullopt;
  }
  if (!uniting.allows(chain.first().delegator, plain)) return std::nullopt;
  return uniting.take();
}

}  // namespace

bool covers(const Delegation& delegation, const Question& question) {
  const cedar::Request& request = question.request;
  const auto is_in = [&](const EntityUid& uid, const EntityUid& group) {
    if (uid == group) return true;
    const cedar::Entity* entity = question.entities.find(uid);
    return entity != nullptr && question.entities.has_ancestor(*entity, group);
  };
  return delegation.opens_at <= question.now && question.now < delegation.expires_at &&
         is_in(*request.resource, delegation.target) &&
         std::ranges::any_of(
             delegation.actions,
             [&](const Value& action) { return is_in(*request.action, action.as_entity()); });
}

Value with_delegation(const Value& context, const Delegation& delegation, Arena& arena) {
  std::array<cedar::Field, 5> fields = {{{"by", Value::string(delegation.by)},
                                         {"expiresAt", Value::datetime(delegation.expires_at)},
                                         {"id", Value::string(delegation.id)},
                                         {"purpose", Value::string(delegation.purpose)},
                                         {"ticket", Value::string(delegation.ticket)}}};
  const auto present = context.as_record();
  std::pmr::vector<cedar::Field> all(arena.resource());
  all.reserve(present.size() + 1);
  all.assign(present.begin(), present.end());
  all.push_back({"delegation", cedar::make_record(arena, fields)});
  return cedar::make_record(arena, all);
}

std::optional<DelegatedVerdict> decide_delegated(const Snapshot& snapshot, const Question& question,
                                                 Arena& arena, cedar::StepBudget& budget) {
  if (snapshot.mode() == Mode::kCedar || budget.is_used_up()) return std::nullopt;
  const EntityUid& principal = *question.request.principal;
  const auto all = delegations_to(snapshot.delegations, principal);
  if (all.empty() || !declares_delegation(snapshot, *question.request.action)) return std::nullopt;
  int tried = 0;
  const EntityUid* delegator = nullptr;
  for (const Delegation& each : all) {
    if (each.delegate != principal || !covers(each, question)) continue;
    if (budget.is_used_up()) return std::nullopt;
    // Whoever gives many keeps nobody else's from being looked at.
    const bool is_anothers = delegator == nullptr || *delegator != each.delegator;
    tried = is_anothers ? 1 : tried + 1;
    delegator = &each.delegator;
    if (tried > kMostTried) continue;
    const auto chain = find_chain(snapshot, each, question);
    if (!chain) continue;
    const auto verdict = decide_chain(snapshot, *chain, question, arena, budget);
    if (!verdict) continue;
    const auto links = chain->links();
    const auto ends_first = std::ranges::min_element(links, {}, &Delegation::expires_at);
    return DelegatedVerdict{.verdict = *verdict,
                            .delegation = &each,
                            .delegator = &chain->first().delegator,
                            .expires_at = (*ends_first)->expires_at};
  }
  return std::nullopt;
}

}  // namespace wardlock::pdp
