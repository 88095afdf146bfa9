#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "audit/witness/witness_client.h"
#include "merkle/witness.h"

namespace wardlock::audit {

/// A witness of one log, as C2SP tlog-witness has it, in memory. Thread-safe.
class WitnessForTest {
 public:
  explicit WitnessForTest(const merkle::VerifierKey& log_key);

  /// As a client of it is told.
  Witness description() const;
  Post post();

  /// It answers with that instead.
  void answer_with(std::optional<net::HttpReply> reply);
  /// It does not answer.
  void go_away(bool is_away);
  /// As if it had seen that.
  void forget_and_see(const merkle::TreeHead& head);
  void set_clock(std::uint64_t now);
  std::vector<merkle::AddCheckpoint> requests() const;
  merkle::TreeHead seen() const;

  static constexpr std::uint64_t kNow = 1'795'333'400;

 private:
  net::HttpReply answer(std::string_view body);
  net::HttpReply judge(const merkle::AddCheckpoint& request, const merkle::TreeHead& head,
                       std::string_view text);

  merkle::VerifierKey log_key_;
  merkle::SignerKey key_;
  mutable std::mutex mutex_;
  merkle::TreeHead seen_;
  std::uint64_t now_ = kNow;
  std::optional<net::HttpReply> fixed_;
  bool is_away_ = false;
  std::vector<merkle::AddCheckpoint> requests_;
};

}  // namespace wardlock::audit
