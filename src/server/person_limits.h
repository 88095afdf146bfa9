#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "authn/rate_limit.h"
#include "crypto/seeded_hash.h"

namespace wardlock::server {

/// How much each person may ask who asks with a token of theirs: all their tokens together.
/// Thread-safe. It remembers some thousands of people; who was forgotten meanwhile has asked for
/// nothing lately, and begins anew.
class PersonLimits {
 public:
  explicit PersonLimits(const authn::Quota& quota, std::size_t most = 10'000)
      : quota_(quota), most_(most) {}

  std::shared_ptr<authn::RateLimit> of(std::string_view tenant, std::string_view person);
  std::size_t size() const;

 private:
  using Limits = std::unordered_map<std::string, std::shared_ptr<authn::RateLimit>,
                                    crypto::SeededHash, std::equal_to<>>;

  const authn::Quota quota_;
  const std::size_t most_;
  mutable std::mutex mutex_;
  Limits limits_;
  Limits before_;  ///< those that were not asked for since there were too many
};

}  // namespace wardlock::server
