#pragma once

#include <chrono>
#include <stop_token>
#include <thread>

#include "directory/registry/registry.h"
#include "server/credential_index.h"
#include "server/log.h"
#include "server/pause.h"

namespace wardlock::server {

/// What is done for the directory now and then: old changes are forgotten, and when credentials
/// were used is noted. On a thread that gives way to others.
class Upkeep {
 public:
  struct Options {
    std::chrono::milliseconds keep_changes;
    std::chrono::milliseconds interval{60'000};
  };

  /// All outlive it.
  Upkeep(directory::Registry& registry, CredentialIndex& credentials, Log& log,
         const Options& options);
  /// Notes what was used, and ends.
  ~Upkeep() = default;
  Upkeep(const Upkeep&) = delete;
  Upkeep& operator=(const Upkeep&) = delete;

 private:
  void run(const std::stop_token& stop);
  void forget_changes(const std::stop_token& stop);
  void write_uses();

  directory::Registry& registry_;
  CredentialIndex& credentials_;
  Log& log_;
  const Options options_;
  Pause pause_;
  std::jthread thread_;  ///< the last member: it uses the others
};

}  // namespace wardlock::server
