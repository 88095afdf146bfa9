#pragma once

#include <string>
#include <vector>

#include "event/event.h"

namespace wardlock::audit {

/// Which events are sent; what is empty leaves none out.
struct Selection {
  std::vector<event::Kind> kinds = {};
  std::vector<event::Outcome> outcomes = {};
  std::vector<std::string> classes = {};
  std::vector<std::string> tenants = {};

  bool is_all() const {
    return kinds.empty() && outcomes.empty() && classes.empty() && tenants.empty();
  }
  bool takes(const event::Event& event) const;
};

}  // namespace wardlock::audit
