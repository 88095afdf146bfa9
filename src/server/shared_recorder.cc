#include "server/shared_recorder.h"

#include <utility>

namespace wardlock::server {

SharedRecorder::SharedRecorder(AuditLog& audit) : recorder_(audit) {
  recorder_.on_change([this] {
    const std::scoped_lock lock(tells_mutex_);
    for (const auto& tell : tells_) tell();
  });
}

Result<net::Tickets> SharedRecorder::record_draft(std::string_view draft, std::string_view tenant,
                                                  std::string_view record_class,
                                                  std::string_view payer) {
  const std::scoped_lock lock(mutex_);
  return recorder_.record_draft(draft, tenant, record_class, payer);
}

net::AnswerGate::State SharedRecorder::state(const net::Tickets& tickets) {
  const std::scoped_lock lock(mutex_);
  return recorder_.state(tickets);
}

void SharedRecorder::on_change(std::function<void()> tell) {
  const std::scoped_lock lock(tells_mutex_);
  tells_.push_back(std::move(tell));
}

}  // namespace wardlock::server
