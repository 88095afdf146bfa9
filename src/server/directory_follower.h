#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include "config/config.h"
#include "server/current_world.h"
#include "server/directory_catch_up.h"
#include "server/directory_view.h"
#include "server/log.h"
#include "storage/store.h"

namespace wardlock::server {

/// What a follower works with; it outlives it.
struct FollowerParts {
  const config::Config& config;
  const storage::Store& store;
  Views views;
  CurrentWorld& world;
  Log& log;
  std::function<void()> published = nullptr;  ///< called after each change that others see
};

/// Has decisions follow the directory: on a thread of its own it takes over what changed, when the
/// database says so, when the clock does, and every second in any case. Without the database
/// decisions go on with what was known; that is told in the log once, and when it is over.
class DirectoryFollower {
 public:
  explicit DirectoryFollower(FollowerParts parts);
  ~DirectoryFollower();
  DirectoryFollower(const DirectoryFollower&) = delete;
  DirectoryFollower& operator=(const DirectoryFollower&) = delete;

 private:
  void run();
  void listen();
  bool wait();
  void wake();

  const FollowerParts parts_;
  DirectoryCatchUp catch_up_;
  std::mutex mutex_;
  std::condition_variable woken_;
  bool is_woken_ = false;
  bool is_stopping_ = false;
  std::unique_ptr<storage::Listening> listening_;  ///< null: not yet
  std::thread thread_;
};

}  // namespace wardlock::server
