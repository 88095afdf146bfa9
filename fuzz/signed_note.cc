// Signed notes, the checkpoints in them and the keys they are verified with: what reads is written
// again as the same bytes, and nothing that was not signed is believed.
#include "base/check.h"
#include "merkle/checkpoint.h"

using namespace wardlock;
using namespace wardlock::merkle;

namespace {

const SignerKey& signer(SignatureType type) {
  static const std::array<std::uint8_t, crypto::kEd25519SeedBytes> seed{7};
  static const SignerKey log = *SignerKey::from_seed("log.example", SignatureType::kEd25519, seed);
  static const SignerKey witness =
      *SignerKey::from_seed("w.example", SignatureType::kEd25519Cosignature, seed);
  return type == SignatureType::kEd25519 ? log : witness;
}

void check_checkpoint(const UnverifiedNote& note, std::string_view bytes) {
  const SignerKey& log = signer(SignatureType::kEd25519);
  const SignerKey& witness = signer(SignatureType::kEd25519Cosignature);
  const CheckpointPolicy policy{"log.example", {log.verifier()}, {witness.verifier()}, 1};
  if (const auto opened = open_checkpoint(bytes, policy); opened) {
    CHECK(opened->checkpoint().origin == policy.origin && opened->cosignatures().size() == 1);
  }
  const auto checkpoint = parse_checkpoint(note.text);
  if (!checkpoint) return;
  CHECK(format_checkpoint(*checkpoint) == note.text);
  const NoteSignature cosignature = witness.sign(note.text, 1);
  const auto signed_note = add_signatures(*sign_checkpoint(*checkpoint, log, 0), {&cosignature, 1});
  CHECK(signed_note);
  const CheckpointPolicy own{checkpoint->origin, policy.log_keys, policy.witnesses, 1};
  CHECK(open_checkpoint(*signed_note, own)->checkpoint() == *checkpoint);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (const auto key = VerifierKey::parse(bytes); key) CHECK(key->text() == bytes);
  if (const auto key = SignerKey::parse(bytes); key) CHECK(key->secret_text() == bytes);
  if (const auto note = parse_note(bytes); note) {
    CHECK(format_note(*note) == bytes);
    check_checkpoint(*note, bytes);
  }
  return 0;
}
