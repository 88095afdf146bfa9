#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "audit/files/files.h"
#include "audit/log/log_folder.h"
#include "base/error.h"
#include "merkle/checkpoint.h"
#include "merkle/note_key.h"
#include "merkle/proof.h"
#include "merkle/tile_reader.h"

namespace wardlock::audit {

/// What an evidence bundle has proven: the log of that origin holds the record at that number.
struct Evidence {
  merkle::Checkpoint checkpoint;
  std::uint64_t number = 0;
  std::string record;
};

/// Proves records of a log by the checkpoint that it has when this begins. The log may be in use.
/// Not thread-safe.
class Prover {
 public:
  /// By the log's latest checkpoint; or by what witnesses have cosigned, where that is no less, or
  /// covers the record that is to be proven. Errors: not_found where the folder holds no log, or
  /// none with a checkpoint; unauthenticated where its own key did not sign the checkpoint; the
  /// files'.
  static Result<Prover> open(Files& files, const std::string& folder,
                             std::optional<std::uint64_t> record = {});

  const merkle::VerifierKey& key() const { return key_; }
  const std::string& note() const { return note_; }  ///< the signed checkpoint, verbatim
  const merkle::TreeHead& head() const { return head_; }

  /// The proof that the log has that record at that number; it was verified. Errors: unavailable
  /// where the checkpoint does not cover it; data_loss where the log is damaged there; the files'.
  Result<merkle::Proof> prove(std::uint64_t number, std::string_view record);

 private:
  Prover(merkle::VerifierKey key, std::string note, const merkle::TreeHead& head,
         std::unique_ptr<TileFiles> tiles)
      : key_(std::move(key)),
        note_(std::move(note)),
        head_(head),
        tiles_(std::move(tiles)),
        nodes_(*tiles_, head.size) {}

  merkle::VerifierKey key_;
  std::string note_;
  merkle::TreeHead head_;
  std::unique_ptr<TileFiles> tiles_;
  merkle::TileReader nodes_;
};

/// The bundle for a record: a C2SP tlog-proof whose extra data is the record. It holds against the
/// log's own key, which was tried. Errors: unavailable where the latest checkpoint does not
/// cover the record yet; not_found where there is no such record; data_loss where the log is
/// damaged there; the files'.
Result<std::string> prove_record(Files& files, const std::string& folder, std::uint64_t number);

/// What a checkpoint needs to be believed with these keys: the log's signature, and the witness's
/// where one is given. The log key's name is the origin.
merkle::CheckpointPolicy policy_of(const merkle::VerifierKey& log,
                                   const std::optional<merkle::VerifierKey>& witness);

/// Believes a bundle only if `policy_of` the keys does. Pure. Errors: invalid_argument where it is
/// no bundle; unauthenticated or data_loss where it proves nothing.
Result<Evidence> verify_evidence(std::string_view bundle, const merkle::VerifierKey& key,
                                 const std::optional<merkle::VerifierKey>& witness = {});

}  // namespace wardlock::audit
