#pragma once

#include <cstdint>
#include <functional>

namespace wardlock::net {

/// What an answer stands for and has to wait for, such as its record on disk: numbers that rise on
/// each thread. 0: it need not wait.
using Ticket = std::uint64_t;

/// Holds the answers of one thread back until what they stand for has happened.
class AnswerGate {
 public:
  enum class State : std::uint8_t {
    kClosed,  ///< not yet
    kOpen,    ///< it has happened
    kBarred,  ///< it never will
  };

  AnswerGate() = default;
  AnswerGate(const AnswerGate&) = delete;
  AnswerGate& operator=(const AnswerGate&) = delete;
  virtual ~AnswerGate() = default;

  /// Of all tickets from the first to the last. On the serving thread.
  virtual State state(Ticket first, Ticket last) = 0;

  /// Whom to tell, on any thread, when a state may have changed. Called once, before the thread
  /// serves, and once more with nothing after it has.
  virtual void on_change(std::function<void()> tell) = 0;
};

}  // namespace wardlock::net
