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
  /// A question, or a search, was refused: it is none that can be decided, or its caller may not
  /// ask it. The request has as much of it as was understood. Its caller is told that anyway.
  virtual void refused(const AccessRequest& request, ErrorCode why) = 0;
  /// A search for what the request leaves open found so many, with so many decisions, of which
  /// `decided` is not told. Error: as with `decided`.
  virtual Result<void> searched(const AccessRequest& request, std::size_t decisions,
                                std::size_t found) = 0;
};

/// Null: nobody records.
inline bool is_recording(const Observer* observer) {
  return observer != nullptr && observer->is_recording();
}

/// Tells the observer, if there is one, of a refusal (kInvalidArgument, kPermissionDenied), and
/// gives the answer back. What the observer itself did not admit is none.
template <typename Answer>
Result<Answer> tell_refusal(Result<Answer> answer, const AccessRequest& request,
                            Observer* observer) {
  if (answer || observer == nullptr) return answer;
  const ErrorCode why = answer.error().code;
  const bool is_refusal = why == ErrorCode::kInvalidArgument || why == ErrorCode::kPermissionDenied;
  if (is_refusal) observer->refused(request, why);
  return answer;
}

}  // namespace wardlock::pdp
