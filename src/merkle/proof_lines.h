#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/error.h"
#include "merkle/lines.h"
#include "merkle/proof.h"

namespace wardlock::merkle {

/// No tree is higher, so no proof of inclusion or consistency is longer.
inline constexpr std::size_t kMaxProofHashes = 63;

/// The hashes of a proof, each as base64 on a line, up to the empty line after the last, which is
/// taken too. Errors: invalid_argument.
Result<Proof> read_proof_lines(Lines& lines);
/// The same lines, the empty one with them.
std::string proof_lines(const Proof& proof);

}  // namespace wardlock::merkle
