#pragma once

#include <functional>
#include <memory>
#include <mutex>

#include "net/answer_gate.h"

namespace wardlock::server {

/// The gate of a thread that records nothing: always open, and told when an answer that was worked
/// on elsewhere is there.
class Bell final : public net::AnswerGate {
 public:
  /// Has the thread look again at what waits. Any thread may call it, also after this is gone.
  std::function<void()> ring() const {
    return [rope = rope_] {
      const std::lock_guard lock(rope->mutex);
      if (rope->tell) rope->tell();
    };
  }

  State state(const net::Tickets& /*tickets*/) override { return State::kOpen; }
  void on_change(std::function<void()> tell) override {
    const std::lock_guard lock(rope_->mutex);
    rope_->tell = std::move(tell);
  }

 private:
  struct Rope {
    std::mutex mutex;
    std::function<void()> tell;
  };

  std::shared_ptr<Rope> rope_ = std::make_shared<Rope>();
};

}  // namespace wardlock::server
