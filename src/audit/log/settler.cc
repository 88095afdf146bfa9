#include "audit/log/settler.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace wardlock::audit {

Settler::Settler(std::unique_ptr<Spool> spool) : spool_(std::move(spool)) {
  if (spool_ != nullptr) spool_used_ = spool_->used();
}

void Settler::take(const Incoming& incoming) {
  const std::scoped_lock lock(mutex_);
  fill(incoming, spool_ != nullptr, add());
}

Settler::InHand& Settler::add() {
  if (spare_.empty()) return in_hand_.emplace_back();
  in_hand_.push_back(std::move(spare_.back()));
  spare_.pop_back();
  return in_hand_.back();
}

void Settler::fill(const Incoming& incoming, bool has_spool, InHand& out) {
  out.drafts.assign(incoming.drafts.begin(), incoming.drafts.end());
  out.to_spool.clear();
  out.is_known = false;
  out.is_kept = false;
  std::size_t record = 0;
  for (const Incoming::Draft& draft : incoming.drafts) {
    if (!draft.is_sealed) continue;
    const std::string_view text = incoming.batch.records()[record++];
    if (!has_spool || draft.when_failing != WhenFailing::kSpool) continue;
    CHECK(out.to_spool.add(text).has_value());
  }
}

void Settler::written(bool is_kept) {
  const std::scoped_lock lock(mutex_);
  if (in_hand_.empty() || in_hand_.back().is_known) return;
  in_hand_.back().is_known = true;
  in_hand_.back().is_kept = is_kept;
}

void Settler::settle() {
  const std::scoped_lock lock(mutex_);
  settle_known();
}

void Settler::report() {
  const std::scoped_lock lock(mutex_);
  report_settled();
}

bool Settler::come_back() {
  const std::scoped_lock lock(mutex_);
  return std::exchange(was_relieved_, false);
}

void Settler::relieve(Intake& intake, const std::function<bool()>& is_needed) {
  const std::scoped_lock lock(mutex_);
  if (!is_needed()) return;
  was_relieved_ = true;
  if (!in_hand_.empty()) in_hand_.back().is_known = true;  // known to be given up
  settle_known();
  while (intake.take_now(relieved_) == Intake::Taken::kSome) {
    InHand& batch = add();
    fill(relieved_, spool_ != nullptr, batch);
    batch.is_known = true;
    settle_known();
  }
  report_settled();
}

void Settler::settle_known() {
  while (!in_hand_.empty() && in_hand_.front().is_known) {
    settle_one(in_hand_.front());
    spare_.push_back(std::move(in_hand_.front()));
    in_hand_.pop_front();
  }
}

/// What is not kept is spooled or refused. Those that may be spooled and those that may not come in
/// any order, and each appender's are settled in theirs.
void Settler::settle_one(const InHand& batch) {
  enum class Fate : std::uint8_t { kKept, kToSpool, kRefused };
  const auto fate_of = [&](const Incoming::Draft& draft) {
    if (!draft.is_sealed) return Fate::kRefused;
    if (batch.is_kept) return Fate::kKept;
    return draft.when_failing == WhenFailing::kSpool ? Fate::kToSpool : Fate::kRefused;
  };
  std::span<const Incoming::Draft> rest = batch.drafts;
  std::size_t record = 0;
  while (!rest.empty()) {
    const Fate fate = fate_of(rest.front());
    const auto end = std::ranges::find_if(
        rest, [&](const Incoming::Draft& draft) { return fate_of(draft) != fate; });
    const auto count = static_cast<std::size_t>(end - rest.begin());
    Outcome outcome = fate == Fate::kKept ? Outcome::kDurable : Outcome::kRefused;
    if (fate == Fate::kToSpool) {
      if (spool(batch.to_spool, record, count)) outcome = Outcome::kSpooled;
      record += count;
    }
    settle_some(rest.first(count), outcome);
    rest = rest.subspan(count);
  }
}

bool Settler::spool(const Records& records, std::size_t first, std::size_t count) {
  if (spool_ == nullptr || must_clear_spool_) return false;
  records_.clear();
  for (std::size_t i = first; i < first + count; ++i) {
    if (!records_.add(records[i])) return false;
  }
  const bool is_spooled = spool_->append(records_).has_value();
  spool_used_ = spool_->used();
  return is_spooled;
}

void Settler::settle_some(std::span<const Incoming::Draft> drafts, Outcome outcome) {
  if (outcome == Outcome::kRefused) {
    refused_ += drafts.size();
    unrecorded_ +=
        static_cast<std::uint64_t>(std::ranges::count(drafts, false, &Incoming::Draft::is_awaited));
  }
  if (outcome == Outcome::kSpooled) spooled_ += drafts.size();
  const auto outcome_of = [&](const Incoming::Draft& draft) {
    return outcome == Outcome::kRefused && !draft.is_awaited ? Outcome::kForgone : outcome;
  };
  while (!drafts.empty()) {
    Appender* const appender = drafts.front().appender;
    const Outcome told = outcome_of(drafts.front());
    std::size_t count = 1;
    while (count < drafts.size() && drafts[count].appender == appender &&
           outcome_of(drafts[count]) == told) {
      ++count;
    }
    appender->settle(count, told);
    if (std::ranges::find(settled_, appender) == settled_.end()) settled_.push_back(appender);
    drafts = drafts.subspan(count);
  }
}

void Settler::report_settled() {
  for (const Appender* appender : settled_) appender->report();
  settled_.clear();
}

bool Settler::has_spooled() const {
  const std::scoped_lock lock(mutex_);
  return spool_ != nullptr && !spool_->empty() && !must_clear_spool_;
}

Spool::Position Settler::spooled() const {
  const std::scoped_lock lock(mutex_);
  return spool_->end();
}

std::vector<merkle::Hash> Settler::spooled_leaves(const Spool::Position& from,
                                                  const Spool::Position& to) const {
  const std::scoped_lock lock(mutex_);
  return spool_->leaves(from, to);
}

Result<void> Settler::read_spool(const Spool::Position& from, const Spool::Position& to,
                                 std::span<const merkle::Hash> leaves,
                                 const Spool::Taker& take) const {
  return spool_->read(from, to, leaves, take);
}

std::uint64_t Settler::missing_before() const {
  const std::scoped_lock lock(mutex_);
  return spool_ == nullptr || must_clear_spool_ ? 0 : spool_->missing();
}

bool Settler::took_spool(const Spool::Position& end) {
  const std::scoped_lock lock(mutex_);
  if (spool_ == nullptr) return true;
  if (!must_clear_spool_ && spool_->end() != end) return false;
  must_clear_spool_ = !spool_->empty() || spool_->missing() > 0;
  clear();
  return true;
}

void Settler::clear_spool() {
  const std::scoped_lock lock(mutex_);
  clear();
}

/// The log works without its spool: that it can't be emptied is no reason to stop.
void Settler::clear() {
  if (must_clear_spool_ && spool_->clear()) must_clear_spool_ = false;
  if (spool_ != nullptr) spool_used_ = spool_->used();
}

void Settler::add_to(LogStatus& status) const {
  status.refused = refused_;
  status.unrecorded = unrecorded_;
  status.spooled = spooled_;
  status.spool_missing = missing_;
  status.spool_used = spool_used_;
  if (spool_ != nullptr) status.spool_bytes = spool_->bytes();
}

}  // namespace wardlock::audit
