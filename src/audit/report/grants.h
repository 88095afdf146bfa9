#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "event/event.h"

namespace wardlock::audit {

/// Sums up what a report has of each break-glass grant.
class Grants {
 public:
  struct Grant {
    std::string id;
    std::optional<std::int64_t> started = {};
    std::string who = {};    ///< HTML
    std::string whose = {};  ///< HTML
    std::string reason = {};
    std::optional<std::int64_t> expires = {};
    std::uint64_t uses = 0;
    std::optional<std::int64_t> first_use = {};
    std::optional<std::int64_t> last_use = {};
    std::optional<std::int64_t> ended = {};
    std::optional<std::int64_t> reviewed = {};
    bool was_approved = false;  ///< by the latest review
    std::string reviewer = {};  ///< HTML
  };

  void add(const event::Event& event);

  /// In the order in which they first occur.
  const std::vector<Grant>& all() const { return grants_; }

 private:
  std::vector<Grant> grants_;
  std::map<std::string, std::size_t, std::less<>> places_;
};

}  // namespace wardlock::audit
