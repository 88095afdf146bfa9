#include "server/recorder.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "event/draft.h"

namespace wardlock::server {
namespace {

/// More than any connection can have waiting at once; see `note_refused`.
constexpr std::size_t kMaxRefusedRanges = 1024;

// What is too long is said before it is a draft, whatever is done while the log can't be written:
// a caller must not choose that it leaves no record.
static_assert(event::kMaxDraftBytes <= audit::Appender::kMaxDraftBytes);

/// Too long for a record is the question's fault: asking again does not help.
Result<void> to_draft(const event::Event& event, std::string& draft) {
  auto written = event::write_draft(event, draft);
  if (written || written.error().code != ErrorCode::kResourceExhausted) return written;
  return invalid(std::move(written.error().message));
}

std::unexpected<Error> cannot_record() {
  return fail(ErrorCode::kUnavailable,
              "the audit log can't be written now, and what is not recorded is not answered; this "
              "is no refusal: try again, or take the emergency path");
}

std::unexpected<Error> not_recorded(const audit::Log& log, const Error& why) {
  if (log.is_failing()) return cannot_record();
  if (why.code == ErrorCode::kResourceExhausted) {
    return fail(why.code,
                "this caller asks faster than its share of what the audit log can record; this is "
                "no refusal: ask less at once, and try again");
  }
  return fail(ErrorCode::kUnavailable, "more is asked than the audit log can record; try again");
}

/// Callers pay for what they have recorded; those who are not known, all together.
std::uint64_t payer_of(std::string_view caller) {
  return std::max<std::uint64_t>(std::hash<std::string_view>{}(caller), 1);
}

}  // namespace

Recorder::Recorder(AuditLog& audit)
    : audit_(audit), appender_(audit.log().add_appender([bell = bell_] {
        bell->has_rung = true;
        const std::lock_guard lock(bell->mutex);
        if (bell->tell) bell->tell();
      })) {}

std::function<void()> Recorder::bell() const {
  return [bell = bell_] {
    const std::lock_guard lock(bell->mutex);
    if (bell->tell) bell->tell();
  };
}

Result<net::Tickets> Recorder::record(const event::Event& event) {
  const config::OnFailure how = audit_.on_failure(event.tenant, event.record_class);
  if (how == config::OnFailure::kDeny && audit_.log().is_failing()) return cannot_record();
  draft_.clear();
  TRY_VOID(to_draft(event, draft_));
  return record_draft(draft_, event.tenant, event.record_class, event.caller);
}

Result<net::Tickets> Recorder::record_draft(std::string_view draft, std::string_view tenant,
                                            std::string_view record_class, std::string_view payer) {
  const config::OnFailure how = audit_.on_failure(tenant, record_class);
  if (how == config::OnFailure::kDeny && audit_.log().is_failing()) return cannot_record();
  const bool is_awaited =
      how != config::OnFailure::kProceed && audit_.is_awaited(tenant, record_class);
  const auto ticket = appender_.append(
      draft, {.when_failing = how == config::OnFailure::kSpool ? audit::WhenFailing::kSpool
                                                               : audit::WhenFailing::kRefuse,
              .is_awaited = is_awaited,
              .payer = payer_of(payer)});
  if (!ticket && how == config::OnFailure::kProceed) {
    audit_.note_unrecorded();
    return net::Tickets();
  }
  if (!ticket) return not_recorded(audit_.log(), ticket.error());
  if (!is_awaited) return net::Tickets();
  return net::Tickets{.first = *ticket, .last = *ticket};
}

/// The spool is for what was answered: who is refused all the time must not fill it.
void Recorder::record_refusal(const event::Event& event) {
  draft_.clear();
  const bool is_queued = to_draft(event, draft_) &&
                         appender_.append(draft_, {.when_failing = audit::WhenFailing::kRefuse,
                                                   .is_awaited = false,
                                                   .payer = payer_of(event.caller)});
  if (!is_queued) audit_.note_unrecorded();
}

net::AnswerGate::State Recorder::state(const net::Tickets& tickets) {
  if (bell_->has_rung.exchange(false)) take_settled();
  if (tickets.last > settled_through_) return State::kClosed;
  const bool is_refused = std::ranges::any_of(refused_, [&](const Range& range) {
    return range.first <= tickets.last && tickets.first <= range.last;
  });
  return is_refused ? State::kBarred : State::kOpen;
}

void Recorder::on_change(std::function<void()> tell) {
  const std::lock_guard lock(bell_->mutex);
  bell_->tell = std::move(tell);
}

void Recorder::take_settled() {
  appender_.take_settled(settled_);
  for (const audit::Settlement& settlement : settled_) {
    if (settlement.outcome == audit::Outcome::kRefused) {
      note_refused({settled_through_ + 1, settlement.through});
    }
    settled_through_ = settlement.through;
  }
}

/// Where there are too many to keep apart, what lay between the oldest two counts as refused too:
/// an answer too few, never one too many.
void Recorder::note_refused(const Range& range) {
  if (!refused_.empty() && refused_.back().last + 1 == range.first) {
    refused_.back().last = range.last;
    return;
  }
  refused_.push_back(range);
  if (refused_.size() <= kMaxRefusedRanges) return;
  refused_[1].first = refused_[0].first;
  refused_.erase(refused_.begin());
}

}  // namespace wardlock::server
