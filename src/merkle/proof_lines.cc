#include "merkle/proof_lines.h"

#include <fmt/format.h>

namespace wardlock::merkle {

Result<Proof> read_proof_lines(Lines& lines) {
  Proof proof;
  while (const auto line = lines.next()) {
    if (line->empty()) return proof;
    if (proof.size() == kMaxProofHashes) {
      return invalid(fmt::format("no proof has more than {} hashes", kMaxProofHashes));
    }
    auto hash = hash_from_base64(*line);
    if (!hash) return std::unexpected(hash.error().in(fmt::format("line {}", lines.number())));
    proof.push_back(*hash);
  }
  return invalid("an empty line must follow the hashes of the proof");
}

std::string proof_lines(const Proof& proof) {
  std::string text;
  for (const Hash& hash : proof) text += to_base64(hash) + "\n";
  return text + "\n";
}

}  // namespace wardlock::merkle
