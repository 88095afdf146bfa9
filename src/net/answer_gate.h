#pragma once

#include <cstdint>
#include <functional>

namespace wardlock::net {

/// What answers stand for and have to wait for, such as records that are to be on disk: numbers
/// that rise on each thread, from the first to the last. Zeros: nothing.
struct Tickets {
  std::uint64_t first = 0;
  std::uint64_t last = 0;

  bool empty() const { return last == 0; }
  /// Later ones.
  void add(const Tickets& more) {
    if (more.empty()) return;
    if (empty()) first = more.first;
    last = more.last;
  }
};

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

  /// Of all of them together. On the serving thread.
  virtual State state(const Tickets& tickets) = 0;

  /// Whom to tell, on any thread, when a state may have changed. Called once, before the thread
  /// serves, and once more with nothing after it has.
  virtual void on_change(std::function<void()> tell) = 0;
};

}  // namespace wardlock::net
