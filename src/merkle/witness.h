#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"
#include "merkle/proof.h"

namespace wardlock::merkle {

/// C2SP tlog-witness, without its HTTP: what is posted to `<prefix>/add-checkpoint`. What a witness
/// answers is read by `parse_signatures`.
struct AddCheckpoint {
  std::uint64_t old_size = 0;  ///< of the tree that the witness cosigned last; 0 if none
  Proof consistency;           ///< from that tree to the checkpoint's; empty for 0
  std::string checkpoint;      ///< the signed note, verbatim

  bool operator==(const AddCheckpoint&) const = default;
};

/// Errors: invalid_argument where it is not exactly such a body, e.g. more than 63 hashes.
Result<AddCheckpoint> parse_add_checkpoint(std::string_view body);
Result<std::string> format_add_checkpoint(const AddCheckpoint& request);

}  // namespace wardlock::merkle
