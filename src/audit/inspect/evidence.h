#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "audit/files/files.h"
#include "base/error.h"
#include "merkle/checkpoint.h"
#include "merkle/note_key.h"

namespace wardlock::audit {

/// What an evidence bundle has proven: the log of that origin holds the record at that number.
struct Evidence {
  merkle::Checkpoint checkpoint;
  std::uint64_t number = 0;
  std::string record;
};

/// The bundle for a record: a C2SP tlog-proof whose extra data is the record. It holds against the
/// log's own key, which was tried. Errors: unavailable where the latest checkpoint does not
/// cover the record yet; not_found where there is no such record; data_loss where the log is
/// damaged there; the files'.
Result<std::string> prove_record(Files& files, const std::string& folder, std::uint64_t number);

/// Believes a bundle only if the key has signed for it; the key's name is the log's origin. Pure.
/// Errors: invalid_argument where it is no bundle; unauthenticated or data_loss where it proves
/// nothing.
Result<Evidence> verify_evidence(std::string_view bundle, const merkle::VerifierKey& key);

}  // namespace wardlock::audit
