#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "audit/inspect/event_reader.h"
#include "compare/decisions/posed_question.h"
#include "event/event.h"

namespace wardlock::compare {

/// Which of a log's decisions.
struct ReplayedPeriod {
  std::string tenant = {};                 ///< of this organization alone
  std::optional<std::int64_t> from = {};   ///< milliseconds since the epoch
  std::optional<std::int64_t> until = {};  ///< before that
};

/// What a log says of a decision, put as the question that it was. Borrows from the event, and
/// lives as long.
class ReplayedQuestion {
 public:
  explicit ReplayedQuestion(const event::Event& event);

  /// Nothing is in the way of asking it; else why.
  const std::optional<LeftOut>& obstacle() const { return obstacle_; }
  pdp::AccessRequest access(const pdp::Caller& caller) const;

 private:
  const event::Event& event_;
  std::optional<LeftOut> obstacle_;
  boost::json::object context_;
};

/// The decisions of an audit log, asked again as far as the log keeps what was asked: who, what,
/// which, when, the sign-in, the purpose and the grant. What else an application said of the
/// context or of entities is not in the log; whoever takes the questions finds out where that
/// mattered, by `PosedQuestion::recorded`. The obligations that its caller supports are those that
/// the decision imposed.
class LogQuestions final : public QuestionSource {
 public:
  using Progress = std::function<void(std::uint64_t done, std::uint64_t all)>;

  /// Borrows the reader. `report` may be null.
  LogQuestions(audit::EventReader& events, ReplayedPeriod period, Progress report)
      : events_(events), period_(std::move(period)), report_(std::move(report)) {}

  /// Asked now and then, between two records: true ends it, with the error kAborted.
  void stop_when(std::function<bool()> is_over) { is_over_ = std::move(is_over); }

  /// Errors: those of the reader and of the keys; kAborted; kNotFound, the log holds decisions of
  /// others and none of this organization.
  Result<void> give(QuestionTaker& taker) override;

  /// How many decisions of the period and organization there were.
  std::uint64_t decisions() const { return decisions_; }

 private:
  Result<void> give_one(std::uint64_t number, QuestionTaker& taker);
  Result<bool> is_in_period(std::uint64_t number);
  void pose(const event::Event& event, std::uint64_t number, QuestionTaker& taker);

  audit::EventReader& events_;
  const ReplayedPeriod period_;
  Progress report_;
  std::function<bool()> is_over_ = nullptr;
  pdp::Caller caller_;
  std::uint64_t decisions_ = 0;
  std::optional<std::string> other_tenant_;
};

}  // namespace wardlock::compare
