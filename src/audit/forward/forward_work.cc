#include "audit/forward/forward_work.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <utility>

#include "base/wall_clock.h"
#include "crypto/random.h"
#include "crypto/sha256.h"

namespace wardlock::audit {
namespace {

using std::chrono::milliseconds;

/// How often the log is looked at when there was nothing more.
constexpr milliseconds kLook{50};
/// How often its place is written.
constexpr milliseconds kSaveEach{1000};
/// A connection that stood so long was a good one.
constexpr milliseconds kGoodConnection{10'000};
/// One that does not answer must have stood so long before it is believed to take anything: with
/// TLS 1.3 it turns us away after the handshake, and then has taken what it will not store.
constexpr milliseconds kBelievedConnection{1'000};
/// What a receiver asks for is heeded up to that.
constexpr milliseconds kMostAskedWait{600'000};
/// So much is in memory.
constexpr std::size_t kMaxBatchBytes = std::size_t{256} << 10;
/// So many records are looked at in one step.
constexpr std::uint64_t kMaxRecords = 4096;
/// A receiver that refuses so many one after another is taken for what is wrong.
constexpr unsigned kMaxSetAsideInARow = 10;

/// Reading it again changes nothing.
bool is_for_good(const Error& error) {
  return error.code == ErrorCode::kDataLoss || error.code == ErrorCode::kUnimplemented ||
         error.code == ErrorCode::kInvalidArgument;
}

std::uint64_t random_number() {
  std::array<std::uint8_t, sizeof(std::uint64_t)> bytes;
  crypto::fill_random(bytes);
  return std::bit_cast<std::uint64_t>(bytes);
}

}  // namespace

ForwardWork::ForwardWork(const ForwarderOptions& options, ForwardedLog log, Transport& transport,
                         Tell tell)
    : options_(options),
      log_(std::move(log)),
      transport_(transport),
      tell_(std::move(tell)),
      place_path_(forward_folder(log_.folder, options.name) + "/place"),
      source_(log_.files, log_.folder, log_.keys, options_),
      set_aside_(log_.files, forward_folder(log_.folder, options.name) + "/set-aside.ndjson"),
      backoff_(options.longest_wait) {
  own_.name = options.name;
  publish(0);
}

milliseconds ForwardWork::step(Time now) {
  const std::uint64_t end = log_.end();
  own_.end = end;
  const auto worked = work(now);
  save_if_due(now);
  milliseconds wait = worked && *worked ? milliseconds(0) : kLook;
  if (!worked) wait = note_failure(worked.error());
  if (worked && !*worked) own_.caught_up_at = wall_clock_ms();
  publish(end);
  return wait;
}

Result<bool> ForwardWork::work(Time now) {
  if (!progress_) TRY_VOID(find_place());
  TRY_VOID(make_ready(now));
  // One that has died without a word is still thought to be there: what it was sent does not age.
  progress_->stand(now - transport_.silence());
  TRY_VOID(collect(own_.end, now));
  if (!batch_.empty()) {
    TRY_VOID(hand_over(now));
  } else {
    advance(after_, now);
  }
  note_success(now);
  return progress_->next() < own_.end;
}

Result<void> ForwardWork::find_place() {
  origin_ = TRY(read_origin(log_.files, LogPaths(log_.folder)));
  std::optional<Place> place = TRY(load_place(log_.files, place_path_));
  if (place) {
    saved_ = TRY(check_place(*std::move(place), origin_));
  } else {
    const std::uint64_t start = options_.begins_now ? own_.end : TRY(source_.begin());
    saved_ = {.origin = origin_,
              .position = start,
              .resend_from = start,
              .last = TRY(hash_of_last(start))};
    TRY_VOID(save_place(log_.files, place_path_, saved_));
  }
  progress_.emplace(saved_.position, saved_.resend_from, options_.overlap);
  return {};
}

/// What was sent must be in the log: it never loses anything, unless it is another one.
Result<Place> ForwardWork::check_place(Place place, const std::string& origin) {
  const auto refuse = [&](std::string_view what) {
    return fail(ErrorCode::kFailedPrecondition,
                fmt::format("{}: it is another log, or was put back from an older copy, which "
                            "`wardlock audit verify` tells; to send it from its beginning, remove "
                            "`{}`",
                            what, place_path_));
  };
  if (place.origin != origin) return refuse("the log has another origin than what was sent");
  if (place.position > own_.end) return refuse("the log ends before what was sent");
  const std::string last = TRY(hash_of_last(place.position));
  if (!last.empty() && !place.last.empty() && last != place.last) {
    return refuse(fmt::format("record {} is not what was sent", place.position - 1));
  }
  return place;
}

/// Empty where there is no record before it, or not any more.
Result<std::string> ForwardWork::hash_of_last(std::uint64_t position) {
  if (position <= TRY(source_.begin())) return "";
  const auto record = source_.record(position - 1);
  if (!record && is_for_good(record.error())) return "";
  return crypto::to_hex(crypto::sha256_prefixed(0, TRY(record)));
}

Result<void> ForwardWork::make_ready(Time now) {
  if (is_ready_ && !transport_.is_open()) {
    is_ready_ = false;
    is_lost_ = true;
    return fail(ErrorCode::kUnavailable, "the receiver has ended the connection");
  }
  if (is_ready_) return {};
  is_forgetful_ = TRY(transport_.open());
  if (is_forgetful_) progress_->begin_again(TRY(source_.begin()));
  is_ready_ = true;
  ready_since_ = now;
  return {};
}

Result<void> ForwardWork::collect(std::uint64_t end, Time now) {
  batch_.clear();
  after_ = progress_->next();
  const std::uint64_t first = after_;
  const std::size_t most = first < single_until_ ? 1 : options_.batch;
  std::size_t bytes = 0;
  while (after_ < end && batch_.size() < most && bytes < kMaxBatchBytes &&
         after_ - first < kMaxRecords) {
    Message message;
    const auto taken = source_.read(after_, message);
    if (!taken) {
      if (!batch_.empty()) break;  // these come first
      return pass_unreadable(after_, taken.error(), now);
    }
    if (*taken) {
      bytes += message.text.size();
      batch_.push_back(std::move(message));
    } else if (after_ >= progress_->position()) {
      ++own_.left_out;
    }
    ++after_;
  }
  return {};
}

Result<void> ForwardWork::pass_unreadable(std::uint64_t record, const Error& why, Time now) {
  if (why.code == ErrorCode::kNotFound) {
    const std::uint64_t oldest = TRY(source_.begin());
    if (oldest <= record) return std::unexpected(why);
    const std::uint64_t first = std::max(record, progress_->position());
    if (first < oldest) {
      TRY_VOID(set_aside_.add_missing(first, oldest, wall_clock_ms()));
      own_.missing += oldest - first;
      tell({.what = ForwardNotice::What::kMissing, .record = first, .count = oldest - first});
    }
    progress_->skip_to(oldest);
    after_ = oldest;
    return {};
  }
  if (!is_for_good(why)) return std::unexpected(why);
  after_ = record + 1;
  // What is sent again was set aside before.
  if (record >= progress_->position()) TRY_VOID(set_aside(record, "", why.message, now));
  return {};
}

Result<void> ForwardWork::hand_over(Time now) {
  const Delivery delivery = transport_.deliver(batch_);
  for (const Message& message : std::span(batch_).first(delivery.delivered)) {
    ++(message.record < progress_->position() ? own_.resent : own_.sent);
  }
  if (delivery.delivered > 0) set_aside_in_a_row_ = 0;
  const bool is_all = delivery.delivered == batch_.size();
  advance(is_all ? after_ : batch_[delivery.delivered].record, now);
  if (!delivery.error) return {};
  if (delivery.is_refused && !is_all) {
    return refused(batch_[delivery.delivered], delivery.delivered + 1 == batch_.size(),
                   *delivery.error, now);
  }
  asked_wait_ = std::min<milliseconds>(delivery.wait, kMostAskedWait);
  is_ready_ = false;
  return std::unexpected(*delivery.error);
}

Result<void> ForwardWork::refused(const Message& message, bool is_alone, const Error& why,
                                  Time now) {
  if (!is_alone) {  // it may be any of those behind it
    single_until_ = batch_.back().record + 1;
    return {};
  }
  if (std::exchange(refused_record_, message.record) != message.record) refused_tries_ = 0;
  if (++refused_tries_ < options_.tries) return std::unexpected(why);
  if (set_aside_in_a_row_ >= kMaxSetAsideInARow) {
    return fail(why.code, fmt::format("{} to one event after another: it is set up wrongly, or is "
                                      "no receiver of these",
                                      why.message));
  }
  TRY_VOID(set_aside(message.record, message.id, why.message, now));
  ++set_aside_in_a_row_;
  return {};
}

Result<void> ForwardWork::set_aside(std::uint64_t record, std::string_view id,
                                    const std::string& why, Time now) {
  TRY_VOID(set_aside_.add(record, id, why, wall_clock_ms()));
  ++own_.set_aside;
  tell({.what = ForwardNotice::What::kSetAside, .reason = why, .record = record});
  advance(record + 1, now);
  return {};
}

void ForwardWork::advance(std::uint64_t next, Time now) {
  const std::uint64_t before = progress_->position();
  progress_->advance(next, now);
  if (progress_->position() == before) return;
  failures_in_a_row_ = 0;
  backoff_.reset();
}

milliseconds ForwardWork::note_failure(const Error& error) {
  const milliseconds asked = std::exchange(asked_wait_, milliseconds(0));
  if (error.code == ErrorCode::kCancelled) return kLook;
  ++own_.failures;
  // A receiver may end a connection that is idle: it is told of when it does not take another.
  const bool is_quiet = std::exchange(is_lost_, false) && failures_in_a_row_ == 0;
  ++failures_in_a_row_;
  if (!is_quiet) {
    if (!own_.is_failing) own_.failing_since = wall_clock_ms();
    if (!own_.is_failing || own_.why != error.message) {
      tell({.what = ForwardNotice::What::kFailing, .reason = error.message});
    }
    own_.is_failing = true;
    own_.why = error.message;
  }
  return std::max(backoff_.next(random_number()), asked);
}

void ForwardWork::note_success(Time now) {
  if (now - ready_since_ >= kGoodConnection) {
    failures_in_a_row_ = 0;
    backoff_.reset();
  }
  if (!own_.is_failing || (is_forgetful_ && now - ready_since_ < kBelievedConnection)) return;
  own_.is_failing = false;
  own_.why.clear();
  own_.failing_since = 0;
  tell({.what = ForwardNotice::What::kRecovered});
}

void ForwardWork::save_if_due(Time now) {
  if (!progress_ || now - saved_at_ < kSaveEach) return;
  saved_at_ = now;
  save();
}

void ForwardWork::save() {
  if (!progress_) return;
  Place place{.origin = origin_,
              .position = progress_->position(),
              .resend_from = progress_->resend_from()};
  if (place.position == saved_.position && place.resend_from == saved_.resend_from) return;
  const auto last = hash_of_last(place.position);
  if (last) place.last = *last;
  const auto saved = save_place(log_.files, place_path_, place);
  if (saved) {
    saved_ = std::move(place);
    is_unsaved_told_ = false;
  } else if (!std::exchange(is_unsaved_told_, true)) {
    tell({.what = ForwardNotice::What::kPlaceUnsaved, .reason = saved.error().message});
  }
}

void ForwardWork::publish(std::uint64_t end) {
  own_.position = progress_ ? progress_->position() : 0;
  own_.end = end;
  const std::scoped_lock lock(mutex_);
  status_ = own_;
}

ForwardStatus ForwardWork::status() const {
  const std::scoped_lock lock(mutex_);
  return status_;
}

void ForwardWork::tell(ForwardNotice notice) const {
  notice.forwarder = options_.name;
  if (tell_) tell_(notice);
}

}  // namespace wardlock::audit
