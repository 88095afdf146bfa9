#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace wardlock::server {

/// Does what waits for the database, on threads of its own, so that no thread that decides does.
/// Thread-safe.
class ErrandOffice {
 public:
  struct Options {
    std::size_t threads = 2;
    std::size_t most_waiting = 256;
    std::size_t most_bytes = std::size_t{64} << 20;
  };

  explicit ErrandOffice(const Options& options);
  /// Ends what is being done, and drops what waits.
  ~ErrandOffice();
  ErrandOffice(const ErrandOffice&) = delete;
  ErrandOffice& operator=(const ErrandOffice&) = delete;

  /// Has it done, after what came before. `bytes`: what it holds. False: too much waits, or a
  /// quarter of that is the same asker's.
  bool ask(const std::string& asker, std::size_t bytes, std::function<void()> errand);

  std::size_t waiting() const;

 private:
  struct Waiting {
    std::string asker;
    std::size_t bytes = 0;
    std::function<void()> errand;
  };

  void run();

  const Options options_;
  mutable std::mutex mutex_;  ///< over all that follows but the threads
  std::condition_variable changed_;
  std::deque<Waiting> waiting_;
  std::map<std::string, std::size_t> by_asker_;
  std::size_t bytes_ = 0;
  bool is_stopping_ = false;
  std::vector<std::jthread> threads_;
};

}  // namespace wardlock::server
