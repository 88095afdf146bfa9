#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "bundle/statement.h"
#include "pap/activation.h"
#include "pap/draft.h"
#include "pap/shadow.h"

namespace wardlock::pap {

/// How a canary ended.
enum class CanaryEnd : std::uint8_t {
  kNot,         ///< it goes on
  kStopped,     ///< somebody stopped it
  kLimit,       ///< it decided too much otherwise
  kReplaced,    ///< another began in its place
  kInForce,     ///< its content came into force for all
  kSuperseded,  ///< something else came into force, or what it stood beside was signed anew
  kExpired,     ///< its time was over
};
/// `running`, `stopped`, `limit`, `replaced`, `in_force`, `superseded`, `expired`.
std::string_view to_string(CanaryEnd end);
std::optional<CanaryEnd> find_canary_end(std::string_view name);

/// A content that decides a part of the questions, beside what is in force. For ever in the
/// history. Its part, its serial and its time are what its statement says. Times are milliseconds
/// since the epoch.
struct CanaryStage {
  PolicyPlace place;
  std::uint64_t number = 0;  ///< from 1, of its place
  std::uint64_t serial = 0;  ///< of the row of activations, which have none of it
  std::string draft;
  std::string content;
  bundle::CanaryPart part = {};                        ///< empty: the statement cannot be read
  ActivationCause cause = ActivationCause::kApproved;  ///< or kSingleHanded
  DifferenceLimit limit = {};
  std::string person = {};
  std::string reason = {};
  std::string envelope = {};  ///< the signed statement, as in a bundle's first line
  std::int64_t made_ms = 0;
  std::int64_t ends_ms = 0;  ///< by itself
  CanaryEnd end = CanaryEnd::kNot;
  std::string ended_by = {};
  std::int64_t ended_ms = 0;
};

}  // namespace wardlock::pap
