#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <utility>

#include "event/event.h"
#include "server/metrics.h"

namespace wardlock::server {

/// How often people signed in, or did not, and by what: counted from what goes on record.
/// Thread-safe.
class SignInTally {
 public:
  void count(const event::Event& event);
  void add_to(Exposition& out) const;

 private:
  using Key = std::pair<std::string, std::string>;  // outcome and method

  mutable std::mutex mutex_;
  std::map<Key, std::uint64_t> counts_;
};

}  // namespace wardlock::server
