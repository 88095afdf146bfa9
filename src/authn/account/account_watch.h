#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>

#include "authn/account/surroundings.h"
#include "base/error.h"
#include "directory/registry/registry.h"
#include "storage/store.h"

namespace wardlock::authn {

/// Carries what becomes of people's authenticators to where they are remembered and rested on: it
/// follows the directory's change feed, and forgets, and ends sessions, where one ended or its
/// owner is not at work any more. Tells CachedAuthenticators that the database was heard.
/// Thread-safe.
class AccountWatch {
 public:
  /// All outlive it. What `surroundings.cached` has is forgotten where changes were missed.
  static Result<std::unique_ptr<AccountWatch>> start(AccountSurroundings surroundings,
                                                     const directory::Registry& registry);
  ~AccountWatch();
  AccountWatch(const AccountWatch&) = delete;
  AccountWatch& operator=(const AccountWatch&) = delete;

  /// Takes over what has changed by now; to be called every few seconds as well, so that it is
  /// known when the database was last heard. Error: the database cannot be read.
  Result<void> follow();

 private:
  AccountWatch(AccountSurroundings surroundings, const directory::Registry& registry)
      : surroundings_(std::move(surroundings)), registry_(registry) {}
  Result<void> take(const directory::FeedEntry& entry);

  const AccountSurroundings surroundings_;
  const directory::Registry& registry_;
  std::mutex following_;  ///< one at a time
  std::uint64_t revision_ = 0;
  std::unique_ptr<storage::Listening> listening_;  ///< the last member: it uses the others
};

}  // namespace wardlock::authn
