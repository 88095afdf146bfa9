#include "server/person_limits.h"

#include <fmt/format.h>

#include <functional>
#include <utility>

namespace wardlock::server {

std::shared_ptr<authn::RateLimit> PersonLimits::of(std::string_view tenant,
                                                   std::string_view person) {
  std::string key = fmt::format("{}\n{}", tenant, person);
  const std::scoped_lock lock(mutex_);
  if (const auto found = limits_.find(key); found != limits_.end()) return found->second;
  // The older half goes when the newer one is full: nobody who asks again and again is in it.
  if (limits_.size() >= most_) before_ = std::exchange(limits_, {});
  const auto old = before_.find(key);
  auto limit = old != before_.end() ? old->second : std::make_shared<authn::RateLimit>(quota_);
  limits_.emplace(std::move(key), limit);
  return limit;
}

std::size_t PersonLimits::size() const {
  const std::scoped_lock lock(mutex_);
  return limits_.size() + before_.size();
}

}  // namespace wardlock::server
