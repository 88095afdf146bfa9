#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace wardlock::administration {

/// Somebody or something that acts, as the audit log knows them.
struct Actor {
  std::string tenant;
  std::string type;  ///< as policies have it, e.g. `Service`
  std::string id;
};

/// Something that somebody did, or tried to.
struct Trace {
  std::uint64_t record = 0;  ///< its number in the log
  std::int64_t time = 0;     ///< ms since the epoch
  std::string what;          ///< the event's kind, e.g. `decision`
  std::string action;
  std::string outcome;        ///< `success`, `failure`, `error`
  std::string resource_type;  ///< to what; empty: to nothing that is named
  std::string resource_id;
  std::string patient;  ///< whose data or therapy it was about
  std::string device;
  std::string source_address;  ///< from where
};

struct Traces {
  std::vector<Trace> traces;  ///< the latest first
  bool are_all = true;        ///< false: there were more, or some could not be read
};

/// What the audit log knows somebody to have done: for who answers for a secret that leaked, and
/// for who looks at the use of a break-glass grant.
/// One is made for each request and used by one thread, which may wait.
class Trail {
 public:
  virtual ~Trail() = default;

  /// From that time on, at most so many. Errors: kUnavailable, the log cannot be read now.
  virtual Result<Traces> of(const Actor& actor, std::int64_t since_ms, std::size_t most) = 0;

  /// What was done under a break-glass grant, at most so many. Errors: the same.
  virtual Result<Traces> under(std::string_view tenant, std::string_view grant,
                               std::int64_t since_ms, std::int64_t until_ms, std::size_t most) = 0;
};

}  // namespace wardlock::administration
