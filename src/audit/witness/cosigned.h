#pragma once

#include <optional>
#include <string>

#include "audit/files/files.h"
#include "merkle/checkpoint.h"

namespace wardlock::audit {

/// The latest checkpoint of a log that witnesses have signed, as a `Cosigner` keeps it.
struct CosignedCheckpoint {
  std::string note;  ///< with the log's signature, and theirs
  merkle::Checkpoint checkpoint;
};

/// Reads it; nothing: there is none, or none that the log itself has signed. The witnesses'
/// signatures are for whoever is given it to verify.
std::optional<CosignedCheckpoint> read_cosigned(Files& files, const std::string& folder,
                                                const merkle::CheckpointPolicy& policy);

/// The log's latest checkpoint, with the cosignatures that there are for this very tree.
std::string with_cosignatures(std::string latest,
                              const std::optional<CosignedCheckpoint>& cosigned);

}  // namespace wardlock::audit
