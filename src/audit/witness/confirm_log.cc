#include "audit/witness/confirm_log.h"

#include <fmt/format.h>

#include "audit/inspect/evidence.h"
#include "audit/log/log_folder.h"
#include "merkle/proof.h"
#include "merkle/tile_reader.h"

namespace wardlock::audit {
namespace {

using Verdict = Confirmation::Verdict;

/// A log in use goes on while it is verified.
constexpr int kMostRounds = 4;

}  // namespace

std::string disagreement(const Confirmation& said, std::uint64_t size) {
  if (said.verdict == Verdict::kFork) {
    return fmt::format(
        "has seen other records among the first {} than the log has: the log is a "
        "fork, or was changed and signed anew",
        said.known);
  }
  return fmt::format(
      "has seen {} records, and the log has {}: it was rolled back, or its end was "
      "removed",
      said.known, size);
}

Result<std::optional<std::string>> contradiction(Files& files, const std::string& folder,
                                                 const merkle::VerifierKey& log_key,
                                                 const merkle::TreeHead& verified,
                                                 WitnessClient& witness, std::uint64_t now) {
  Confirmation said;
  for (int round = 0; round < kMostRounds; ++round) {
    const Prover prover = TRY(Prover::open(files, folder));
    const merkle::TreeHead& head = prover.head();
    if (head.size < said.known) break;  // it has seen more than the log has by now
    TileFiles tiles(files, folder);
    merkle::TileReader nodes(tiles, head.size);
    const merkle::Proof proof = TRY(merkle::consistency_proof(verified.size, head.size, nodes));
    if (!merkle::verify_consistency(verified, head, proof)) {
      return "cannot be asked: the log's checkpoint does not continue what was verified";
    }
    said = TRY(witness.submit(prover.note(), log_key, nodes, now));
    if (said.verdict == Verdict::kCosigned) return std::nullopt;
    if (said.verdict == Verdict::kFork) break;
  }
  return disagreement(said, verified.size);
}

Result<void> ask_before_going_on(Files& files, const std::string& folder,
                                 const merkle::VerifierKey& log_key, const std::string& checkpoint,
                                 std::span<WitnessClient> witnesses, std::uint64_t now,
                                 const TellOfWitness& tell) {
  const auto opened = TRY(merkle::open_checkpoint(
      checkpoint, {.origin = log_key.name(), .log_keys = {log_key}, .witnesses = {}, .quorum = 0}));
  TileFiles tiles(files, folder);
  for (WitnessClient& each : witnesses) {
    merkle::TileReader nodes(tiles, opened.head().size);
    const auto said = each.submit(checkpoint, log_key, nodes, now);
    if (!said) {
      tell(each.witness().name, said.error());
    } else if (said->verdict != Verdict::kCosigned) {
      return fail(ErrorCode::kDataLoss, fmt::format("the witness `{}` {}", each.witness().name,
                                                    disagreement(*said, opened.head().size)));
    }
  }
  return {};
}

}  // namespace wardlock::audit
