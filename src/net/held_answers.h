#pragma once

#include <atomic>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <memory>

#include "net/answer_gate.h"
#include "net/socket.h"

namespace wardlock::net {

/// The answers of one event loop that wait at its gate. All members but the call that the gate is
/// given belong to the loop's thread.
class HeldAnswers {
 public:
  explicit HeldAnswers(boost::asio::io_context& context)
      : bell_(context), change_(context, Clock::time_point::max()) {}
  ~HeldAnswers() { detach(); }
  HeldAnswers(const HeldAnswers&) = delete;
  HeldAnswers& operator=(const HeldAnswers&) = delete;

  /// Null: nothing ever waits. Otherwise the loop has something to wait for until `detach`.
  void attach(std::shared_ptr<AnswerGate> gate);
  /// After the last answer: the gate tells no more.
  void detach();

  /// What has become of these tickets.
  AnswerGate::State state(const Tickets& tickets) const {
    return gate_ == nullptr ? AnswerGate::State::kOpen : gate_->state(tickets);
  }

  /// Whether there are any.
  bool are_there() const { return waiting_ > 0; }

  /// Until a state may have changed, or somebody calls `look_again`.
  Task<> change();
  /// Lets all who wait look again, at the gate and at the time.
  void look_again() { change_.cancel(); }

 private:
  using Timer = boost::asio::basic_waitable_timer<Clock, boost::asio::wait_traits<Clock>, Executor>;

  Task<> watch();

  /// An eventfd: what asio posts from another thread would take memory here.
  boost::asio::posix::basic_stream_descriptor<Executor> bell_;
  Timer change_;  ///< never runs out: who cancels it wakes all who wait for it
  std::shared_ptr<AnswerGate> gate_;
  std::size_t waiting_ = 0;
  std::atomic<bool> is_told_ = false;
};

}  // namespace wardlock::net
