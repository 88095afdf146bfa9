#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "audit/files/files.h"
#include "audit/witness/witness_client.h"
#include "base/error.h"

namespace wardlock::audit {

/// How a witness fares.
struct WitnessStatus {
  std::string name;
  std::uint64_t cosigned = 0;    ///< records that it has confirmed; 0: none yet
  std::int64_t cosigned_at = 0;  ///< seconds since the epoch; 0: never
  std::uint64_t failures = 0;    ///< times that it did not answer as it should, since the start
  bool is_failing = false;       ///< the last time
  bool disagrees = false;        ///< it has seen another log, or a longer one
  std::string why = {};          ///< why it fails or disagrees

  bool operator==(const WitnessStatus&) const = default;
};

struct CosignerOptions {
  std::string folder;  ///< of the log
  std::vector<Witness> witnesses;
  std::vector<Post> posts;                     ///< for each of them, used on the cosigner's thread
  std::chrono::milliseconds interval{60'000};  ///< from one round to the next
  std::function<std::uint64_t()> now;          ///< seconds since the epoch
  /// Called on its thread when a witness begins or ends to fail or to disagree.
  std::function<void(const WitnessStatus&)> tell;
};

/// Has the checkpoints of a log cosigned, on a thread of its own that holds nothing up. What was
/// cosigned lies in the log's folder as `cosigned`: the checkpoint, the log's signature, and the
/// witnesses'.
class Cosigner {
 public:
  /// `files` outlives it.
  Cosigner(CosignerOptions options, Files& files);
  /// Waits for the thread: break off what posts before.
  ~Cosigner();
  Cosigner(const Cosigner&) = delete;
  Cosigner& operator=(const Cosigner&) = delete;

  /// Thread-safe.
  std::vector<WitnessStatus> status() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace wardlock::audit
