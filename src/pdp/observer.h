#pragma once

#include <cstddef>

#include "base/error.h"
#include "pdp/access.h"

namespace wardlock::pdp {

/// Is told of the questions that one request holds: what limits and counts them. Lives for the
/// request, on its thread.
class Observer {
 public:
  virtual ~Observer() = default;

  /// Before `count` questions are decided. Error: they may not be asked now, and none is decided.
  virtual Result<void> admit(std::size_t count) = 0;
  /// A decision was made.
  virtual void decided(const AccessDecision& decision) = 0;
  /// A search found so many, with so many decisions, of which `decided` is not told.
  virtual void searched(std::size_t decisions, std::size_t found) = 0;
};

}  // namespace wardlock::pdp
