#pragma once

#include <cstddef>
#include <string_view>

#include "base/error.h"
#include "pdp/access.h"

namespace wardlock::pdp {

/// Is told of the questions that one request holds: what limits, counts and records them. Lives for
/// the request, on its thread.
class Observer {
 public:
  virtual ~Observer() = default;

  /// Before `count` questions are decided. Error: they may not be asked now, and none is decided.
  virtual Result<void> admit(std::size_t count) = 0;
  /// Whether what is decided goes on record: the requests are to say so, and decisions have ids.
  virtual bool is_recording() const = 0;
  /// A decision was made. The id may be empty where nothing is recorded. Error: it can't be
  /// recorded, and is not to be told.
  virtual Result<void> decided(const AccessRequest& request, const AccessDecision& decision,
                               std::string_view id) = 0;
  /// A search for what the request leaves open found so many, with so many decisions, of which
  /// `decided` is not told. Error: as with `decided`.
  virtual Result<void> searched(const AccessRequest& request, std::size_t decisions,
                                std::size_t found) = 0;
};

/// Null: nobody records.
inline bool is_recording(const Observer* observer) {
  return observer != nullptr && observer->is_recording();
}

}  // namespace wardlock::pdp
