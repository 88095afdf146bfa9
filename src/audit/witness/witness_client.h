#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "merkle/checkpoint.h"
#include "merkle/node_source.h"
#include "merkle/note_key.h"
#include "net/http_client.h"

namespace wardlock::audit {

/// Somebody outside who remembers the latest checkpoint of a log, and signs only what continues it
/// (C2SP tlog-witness).
struct Witness {
  std::string name;  ///< what it is called here
  std::string url;   ///< its submission prefix
  /// What it signs with: a key of type Ed25519 cosignature. Nothing: what it answers is believed as
  /// far as the connection is.
  std::optional<merkle::VerifierKey> key = {};
  std::string ca = {};  ///< path: who vouches for its server; empty: the system's authorities
};

/// A witness's key, `name+id+base64`. Errors: invalid_argument, also for one that signs no
/// cosignatures; unimplemented.
Result<merkle::VerifierKey> parse_witness_key(std::string_view text);

/// What a witness says of a checkpoint.
struct Confirmation {
  enum class Verdict : std::uint8_t {
    kCosigned,   ///< it continues all that the witness has seen
    kKnowsMore,  ///< the witness has seen a longer log
    kFork,       ///< it contradicts what the witness has seen
  };
  Verdict verdict = Verdict::kCosigned;
  std::uint64_t known = 0;  ///< records that the witness has seen, as far as it said
  /// The witness's, over the checkpoint. Without a key of it they were not verified.
  std::vector<merkle::NoteSignature> cosignatures = {};
};

/// Sends a body there by POST. The replies' errors are those of net::HttpClient.
using Post = std::function<Result<net::HttpReply>(const std::string& url, std::string_view body)>;

/// Posts to a witness over HTTP, which has `patience` to answer. `interruption` outlives it.
/// Errors: those of `net::HttpClient::create`.
Result<Post> connect_to(const Witness& witness, const net::Interruption& interruption,
                        std::chrono::milliseconds patience = std::chrono::seconds(30));

/// Asks one witness. Remembers what it has seen, so that one request is enough. Not thread-safe.
class WitnessClient {
 public:
  WitnessClient(Witness witness, Post post);

  const Witness& witness() const { return witness_; }

  /// Has a checkpoint cosigned. `log_key` has signed it; `nodes` are those of its tree; `now` is in
  /// seconds since the epoch. The cosignature is of now: one that was kept from earlier would prove
  /// nothing. Errors, after which nothing is known: unavailable, it does not answer, or not as a
  /// witness does; not_found, it does not know the log; permission_denied, it does not know the
  /// log's key; unauthenticated, the cosignature is missing, wrong or not of now; data_loss, the
  /// nodes contradict the checkpoint; the nodes'.
  Result<Confirmation> submit(const std::string& note, const merkle::VerifierKey& log_key,
                              merkle::NodeSource& nodes, std::uint64_t now);

 private:
  struct Submission;
  Result<std::optional<Confirmation>> try_once(const Submission& submission);
  Result<std::optional<Confirmation>> read_conflict(const Submission& submission,
                                                    std::string_view body);
  Result<Confirmation> read_cosignatures(const Submission& submission, std::string_view body) const;
  Result<Confirmation> judge_refused_proof(const Submission& submission) const;
  std::unexpected<Error> refuse(ErrorCode code, std::string_view why) const;

  Witness witness_;
  Post post_;
  std::uint64_t known_ = 0;  ///< the size of the tree that it cosigned last, as far as we know
};

/// So far the clocks of a witness and of who asks may be apart.
inline constexpr std::uint64_t kMaxClockDifferenceSeconds = 600;

}  // namespace wardlock::audit
