#pragma once

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

namespace wardlock::server {

/// Threads of which one goes on at a time, from one of its steps to the next, in every order that
/// there is: each order is gone through from the beginning. What they do must be the same wherever
/// the order so far is the same, and must not wait but in `Turn::step`.
class Interleavings {
 public:
  class Turn;
  struct Actor {
    std::string name;
    std::function<void(Turn&)> act;
  };

  /// For each order: `begin` says who acts, then they do, then `end` looks at what came of it, with
  /// the order in words. Returns how many orders there are. Ends early where a test has failed.
  std::size_t run_all(const std::function<std::vector<Actor>()>& begin,
                      const std::function<void(const std::string& order)>& end);

 private:
  struct Choice {
    std::size_t taken = 0;
    std::size_t of = 0;
  };

  std::string run(const std::vector<Actor>& actors);
  bool advance();

  std::vector<Choice> path_;  ///< at each step which of those that could go on did
  std::size_t at_ = 0;
};

/// One actor's place in one order.
class Interleavings::Turn {
 public:
  using IsReady = std::function<bool()>;

  /// Here others may go on before this one does. `is_ready`: it does not before that is so; asked
  /// while nobody goes on. False: it never will be, as nobody else goes on.
  bool step(IsReady is_ready = [] { return true; });

 private:
  friend class Interleavings;

  enum class State : unsigned char { kWaiting, kGoing, kDone };
  struct Stage {
    std::mutex mutex;
    std::condition_variable changed;
  };

  explicit Turn(Stage& stage) : stage_(stage) {}
  void go_on(bool is_given_up);
  void finish();

  Stage& stage_;
  State state_ = State::kGoing;
  IsReady is_ready_;
  bool is_given_up_ = false;
};

}  // namespace wardlock::server
