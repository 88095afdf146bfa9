// Proofs of an entry and requests to a witness: what reads is written again as the same bytes, and
// verifying bears whatever they say.
#include "merkle/tlog_proof.h"
#include "base/check.h"
#include "merkle/witness.h"

using namespace wardlock;
using namespace wardlock::merkle;

namespace {

void verify_hashes(const Proof& proof, std::uint64_t at, std::uint64_t size) {
  CHECK(!verify_inclusion({}, at, {size, {}}, proof));
  if (size != at) CHECK(!verify_consistency({at, {}}, {size, {}}, proof));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (const auto proof = parse_tlog_proof(bytes); proof) {
    CHECK(format_tlog_proof(*proof) == bytes);
    CHECK(!verify_tlog_proof(*proof, {}, {}));
    const auto note = parse_note(proof->checkpoint);
    const auto checkpoint = parse_checkpoint(note->text);
    if (checkpoint) verify_hashes(proof->inclusion, proof->index, checkpoint->head.size);
  }
  if (const auto request = parse_add_checkpoint(bytes); request) {
    CHECK(format_add_checkpoint(*request) == bytes);
    verify_hashes(request->consistency, request->old_size, request->old_size * 3);
  }
  return 0;
}
