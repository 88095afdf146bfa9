#include "audit/log/waiting_appender.h"

#include <condition_variable>
#include <mutex>
#include <vector>

namespace wardlock::audit {

struct WaitingAppender::Answer {
  std::mutex mutex;  // guards what follows
  std::condition_variable came;
  Settlement last;
  std::vector<Settlement> taken;
  Appender* appender = nullptr;

  void take() {
    const std::scoped_lock lock(mutex);
    appender->take_settled(taken);
    if (!taken.empty()) last = taken.back();
    came.notify_one();
  }
};

WaitingAppender::WaitingAppender(Log& log)
    : answer_(std::make_shared<Answer>()),
      appender_(log.add_appender([answer = answer_] { answer->take(); })) {
  answer_->appender = &appender_;
}

WaitingAppender::~WaitingAppender() = default;

Result<Outcome> WaitingAppender::append(std::string_view draft, WhenFailing when_failing) {
  const Ticket ticket = TRY(appender_.append(draft, when_failing));
  std::unique_lock lock(answer_->mutex);
  answer_->came.wait(lock, [&] { return answer_->last.through >= ticket; });
  return answer_->last.outcome;
}

}  // namespace wardlock::audit
