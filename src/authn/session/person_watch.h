#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string_view>
#include <utility>

#include "authn/session/sessions.h"
#include "base/error.h"
#include "directory/registry/registry.h"
#include "storage/store.h"

namespace wardlock::authn {

/// Who else hears of people who are not in force any more, before their sessions end. Called by any
/// thread.
struct PersonNews {
  std::function<void(std::string_view tenant, std::string_view person)> ended = {};
  std::function<void()> all = {};  ///< it is not known who: anybody may be
};

/// Ends the sessions of people who leave, are suspended, or are removed: it follows the directory's
/// change feed. Thread-safe.
class PersonWatch {
 public:
  /// Looks at all people who have sessions, and follows from then on. All outlive it. `clock` gives
  /// milliseconds since the epoch.
  static Result<std::unique_ptr<PersonWatch>> start(const storage::Store& store,
                                                    const directory::Registry& registry,
                                                    Sessions& sessions,
                                                    std::function<std::int64_t()> clock,
                                                    PersonNews news = {});
  ~PersonWatch();
  PersonWatch(const PersonWatch&) = delete;
  PersonWatch& operator=(const PersonWatch&) = delete;

  /// Takes over what has changed by now. Error: the database cannot be read.
  Result<void> follow();
  std::uint64_t revision() const { return revision_.load(std::memory_order_relaxed); }

 private:
  PersonWatch(const storage::Store& store, const directory::Registry& registry, Sessions& sessions,
              std::function<std::int64_t()> clock, PersonNews news)
      : store_(store),
        registry_(registry),
        sessions_(sessions),
        clock_(std::move(clock)),
        news_(std::move(news)) {}
  Result<void> look_at_all();

  const storage::Store& store_;
  const directory::Registry& registry_;
  Sessions& sessions_;
  std::function<std::int64_t()> clock_;
  PersonNews news_;
  std::mutex following_;  ///< one at a time
  std::atomic<std::uint64_t> revision_ = 0;
  std::unique_ptr<storage::Listening> listening_;  ///< the last member: it uses the others
};

}  // namespace wardlock::authn
