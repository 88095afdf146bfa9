#include "server/interleavings_for_test.h"

#include <gtest/gtest.h>

#include <algorithm>

#include <memory>
#include <thread>
#include <utility>

namespace wardlock::server {

bool Interleavings::Turn::step(IsReady is_ready) {
  std::unique_lock lock(stage_.mutex);
  is_ready_ = std::move(is_ready);
  state_ = State::kWaiting;
  stage_.changed.notify_all();
  stage_.changed.wait(lock, [this] { return state_ == State::kGoing; });
  return !is_given_up_;
}

/// Until it waits again, or is done.
void Interleavings::Turn::go_on(bool is_given_up) {
  std::unique_lock lock(stage_.mutex);
  is_given_up_ = is_given_up;
  state_ = State::kGoing;
  stage_.changed.notify_all();
  stage_.changed.wait(lock, [this] { return state_ != State::kGoing; });
}

void Interleavings::Turn::finish() {
  const std::scoped_lock lock(stage_.mutex);
  state_ = State::kDone;
  stage_.changed.notify_all();
}

/// One order: as the path has it, and from its end on always the first who can go on.
std::string Interleavings::run(const std::vector<Actor>& actors) {
  Turn::Stage stage;
  std::vector<std::unique_ptr<Turn>> turns;
  std::vector<std::jthread> threads;
  for (const Actor& actor : actors) {
    Turn& turn = *turns.emplace_back(new Turn(stage));
    threads.emplace_back([&turn, &actor] {
      if (turn.step()) actor.act(turn);
      turn.finish();
    });
    std::unique_lock lock(stage.mutex);
    stage.changed.wait(lock, [&] { return turn.state_ == Turn::State::kWaiting; });
  }
  std::string order;
  at_ = 0;
  for (;;) {
    std::vector<std::size_t> ready;
    std::size_t waiting = 0;
    for (std::size_t i = 0; i < turns.size(); ++i) {
      if (turns[i]->state_ != Turn::State::kWaiting) continue;
      waiting = i + 1;
      if (turns[i]->is_ready_()) ready.push_back(i);
    }
    if (waiting == 0) return order;
    if (ready.empty()) {
      turns[waiting - 1]->go_on(true);
      continue;
    }
    if (at_ == path_.size()) path_.push_back({.taken = 0, .of = ready.size()});
    EXPECT_EQ(path_[at_].of, ready.size()) << "what came of the same order differs: " << order;
    const std::size_t next = ready[std::min(path_[at_++].taken, ready.size() - 1)];
    order += (order.empty() ? "" : ", ") + actors[next].name;
    turns[next]->go_on(false);
  }
}

/// To the next order. False: there is none.
bool Interleavings::advance() {
  path_.resize(at_);
  while (!path_.empty() && path_.back().taken + 1 == path_.back().of) path_.pop_back();
  if (path_.empty()) return false;
  ++path_.back().taken;
  return true;
}

std::size_t Interleavings::run_all(const std::function<std::vector<Actor>()>& begin,
                                   const std::function<void(const std::string& order)>& end) {
  path_.clear();
  for (std::size_t orders = 1;; ++orders) {
    end(run(begin()));
    if (testing::Test::HasFailure() || !advance()) return orders;
  }
}

}  // namespace wardlock::server
