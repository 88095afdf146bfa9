#include "audit/inspect/evidence.h"

#include <fmt/format.h>

#include "audit/inspect/log_identity.h"
#include "audit/log/log_folder.h"
#include "merkle/proof.h"
#include "merkle/tlog_proof.h"

namespace wardlock::audit {
namespace {

constexpr std::size_t kMaxCheckpointBytes = 64UL * 1024;

}  // namespace

Result<std::string> prove_record(Files& files, const std::string& folder, std::uint64_t number) {
  const LogPaths paths(folder);
  const auto key = read_public_key(files, paths);
  if (!key) return std::unexpected(key.error().in(fmt::format("`{}`", paths.public_key())));
  merkle::TlogProof proof{.extra = {}, .index = number, .inclusion = {}, .checkpoint = {}};
  proof.checkpoint = TRY(read_file(files, paths.checkpoint(), kMaxCheckpointBytes));
  const auto opened = merkle::open_checkpoint(
      proof.checkpoint, {.origin = key->name(), .log_keys = {*key}, .witnesses = {}, .quorum = 0});
  if (!opened) return std::unexpected(opened.error().in(fmt::format("`{}`", paths.checkpoint())));

  RecordReader records(files, folder);
  Records found;
  TRY_VOID(records.read(number, 1, found));
  const std::uint64_t covered = opened->head().size;
  if (number >= covered) {
    return fail(ErrorCode::kUnavailable,
                fmt::format("no checkpoint covers record {} yet: the latest one covers {}; try "
                            "again in a moment",
                            number, covered));
  }
  TileFiles tiles(files, folder);
  merkle::TileReader nodes(tiles, covered);
  proof.extra = found[0];
  proof.inclusion = TRY(merkle::inclusion_proof(number, covered, nodes));
  std::string bundle = TRY(merkle::format_tlog_proof(proof));
  if (const auto verified = verify_evidence(bundle, *key); !verified) {
    return fail(ErrorCode::kDataLoss,
                fmt::format("the log is damaged and does not prove record {}: see what `wardlock "
                            "audit verify` says of it",
                            number));
  }
  return bundle;
}

Result<Evidence> verify_evidence(std::string_view bundle, const merkle::VerifierKey& key) {
  merkle::TlogProof proof = TRY(merkle::parse_tlog_proof(bundle));
  if (!proof.extra) {
    return invalid("the proof has no record with it: it was not made by `wardlock audit prove`");
  }
  const merkle::CheckpointPolicy policy{
      .origin = key.name(), .log_keys = {key}, .witnesses = {}, .quorum = 0};
  const auto verified =
      TRY(merkle::verify_tlog_proof(proof, merkle::leaf_hash(*proof.extra), policy));
  return Evidence{.checkpoint = verified.checkpoint(),
                  .number = proof.index,
                  .record = *std::move(proof.extra)};
}

}  // namespace wardlock::audit
