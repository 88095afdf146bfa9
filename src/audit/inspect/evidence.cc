#include "audit/inspect/evidence.h"

#include <fmt/format.h>

#include <utility>

#include "audit/inspect/log_identity.h"
#include "audit/log/log_folder.h"
#include "merkle/proof.h"
#include "merkle/tlog_proof.h"

namespace wardlock::audit {
namespace {

constexpr std::size_t kMaxCheckpointBytes = 64UL * 1024;

}  // namespace

merkle::CheckpointPolicy policy_of(const merkle::VerifierKey& log,
                                   const std::optional<merkle::VerifierKey>& witness) {
  merkle::CheckpointPolicy policy{
      .origin = log.name(), .log_keys = {log}, .witnesses = {}, .quorum = 0};
  if (witness) policy.witnesses.push_back(*witness);
  policy.quorum = policy.witnesses.size();
  return policy;
}

Result<Prover> Prover::open(Files& files, const std::string& folder,
                            std::optional<std::uint64_t> record) {
  const LogPaths paths(folder);
  auto key = read_public_key(files, paths);
  if (!key && key.error().code == ErrorCode::kNotFound) {
    return fail(
        ErrorCode::kNotFound,
        fmt::format("`{}` is no audit log, or `public.key` is missing there; name the folder "
                    "that was given to `--audit`",
                    folder));
  }
  if (!key) return std::unexpected(key.error().in(fmt::format("`{}`", paths.public_key())));
  std::string note = TRY(read_file(files, paths.checkpoint(), kMaxCheckpointBytes));
  const auto opened = merkle::open_checkpoint(note, policy_of(*key, {}));
  if (!opened) return std::unexpected(opened.error().in(fmt::format("`{}`", paths.checkpoint())));
  merkle::TreeHead head = opened->head();
  if (auto cosigned = read_file(files, paths.cosigned(), kMaxCheckpointBytes)) {
    const auto by_witnesses = merkle::open_checkpoint(*cosigned, policy_of(*key, {}));
    if (by_witnesses &&
        (by_witnesses->head() == head || (record && *record < by_witnesses->head().size))) {
      note = *std::move(cosigned);
      head = by_witnesses->head();
    }
  }
  return Prover(*std::move(key), std::move(note), head, std::make_unique<TileFiles>(files, folder));
}

Result<merkle::Proof> Prover::prove(std::uint64_t number, std::string_view record) {
  if (number >= head_.size) {
    return fail(ErrorCode::kUnavailable,
                fmt::format("no checkpoint covers record {} yet: the latest one covers {}; try "
                            "again in a moment",
                            number, head_.size));
  }
  merkle::Proof proof = TRY(merkle::inclusion_proof(number, head_.size, nodes_));
  if (!merkle::verify_inclusion(merkle::leaf_hash(record), number, head_, proof)) {
    return fail(ErrorCode::kDataLoss,
                fmt::format("the log is damaged and does not prove record {}: see what `wardlock "
                            "audit verify` says of it",
                            number));
  }
  return proof;
}

Result<std::string> prove_record(Files& files, const std::string& folder, std::uint64_t number) {
  Prover prover = TRY(Prover::open(files, folder, number));
  RecordReader records(files, folder);
  Records found;
  TRY_VOID(records.read(number, 1, found));
  merkle::Proof inclusion = TRY(prover.prove(number, found[0]));
  return merkle::format_tlog_proof({.extra = std::string(found[0]),
                                    .index = number,
                                    .inclusion = std::move(inclusion),
                                    .checkpoint = prover.note()});
}

Result<Evidence> verify_evidence(std::string_view bundle, const merkle::VerifierKey& key,
                                 const std::optional<merkle::VerifierKey>& witness) {
  merkle::TlogProof proof = TRY(merkle::parse_tlog_proof(bundle));
  if (!proof.extra) {
    return invalid("the proof has no record with it: it was not made by `wardlock audit prove`");
  }
  const auto verified = TRY(
      merkle::verify_tlog_proof(proof, merkle::leaf_hash(*proof.extra), policy_of(key, witness)));
  return Evidence{.checkpoint = verified.checkpoint(),
                  .number = proof.index,
                  .record = *std::move(proof.extra)};
}

}  // namespace wardlock::audit
