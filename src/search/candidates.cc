#include "search/candidates.h"

#include <algorithm>
#include <iterator>

namespace wardlock::search {

Candidates& Candidates::add(Candidates other) {
  is_all_ = is_all_ || other.is_all_;
  count_ += other.count_;
  std::ranges::move(other.lists_, std::back_inserter(lists_));
  return *this;
}

Candidates& Candidates::add(cedar::IndexEntries entries) {
  if (entries.empty()) return *this;
  count_ += entries.size();
  lists_.push_back(entries);
  return *this;
}

Candidates fewer(Candidates a, Candidates b) {
  if (a.is_all_) return b;
  if (b.is_all_) return a;
  return a.count_ <= b.count_ ? std::move(a) : std::move(b);
}

CandidateWalk::CandidateWalk(const Candidates& candidates, std::uint32_t first, std::uint32_t end)
    : is_all_(candidates.is_all()), next_(first), end_(end) {
  if (is_all_) return;
  rests_.assign(candidates.lists().begin(), candidates.lists().end());
  for (std::size_t list = 0; list < rests_.size(); ++list) {
    const auto begin = std::ranges::lower_bound(rests_[list], first, {}, &cedar::IndexEntry::place);
    rests_[list] = {begin, rests_[list].end()};
    push(list);
  }
}

std::optional<std::uint32_t> CandidateWalk::next() {
  if (is_all_) return next_ < end_ ? std::optional(next_++) : std::nullopt;
  while (!heads_.empty()) {
    const auto [place, list] = heads_.top();
    heads_.pop();
    rests_[list] = rests_[list].subspan(1);
    push(list);
    if (place < next_) continue;  // another list had it, too
    next_ = place + 1;
    return place;
  }
  return std::nullopt;
}

void CandidateWalk::push(std::size_t list) {
  if (!rests_[list].empty()) heads_.emplace(rests_[list].front().place, list);
}

}  // namespace wardlock::search
