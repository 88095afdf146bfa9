#include "merkle/checkpoint.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/utf8.h"
#include "merkle/decimal.h"
#include "merkle/lines.h"

namespace wardlock::merkle {
namespace {

std::unexpected<Error> malformed(std::string_view why) {
  return invalid(fmt::format("this is not a checkpoint: {}", why));
}

bool is_in(const std::vector<VerifierKey>& keys, const VerifierKey& key) {
  return std::ranges::find(keys, key) != keys.end();
}

bool is_witness_key(const VerifierKey& key) {
  return key.type() == SignatureType::kEd25519Cosignature;
}

Result<std::vector<VerifierKey>> all_keys(const CheckpointPolicy& policy) {
  std::vector<VerifierKey> keys = policy.log_keys;
  for (const VerifierKey& witness : policy.witnesses) {
    if (!is_witness_key(witness)) {
      return invalid(fmt::format("the key of `{}` makes no cosignatures: a witness's has type 4",
                                 printable(witness.name())));
    }
    keys.push_back(witness);
  }
  return keys;
}

}  // namespace

Result<Checkpoint> parse_checkpoint(std::string_view note_text) {
  Lines lines(note_text);
  const auto origin = lines.next(), size = lines.next(), root = lines.next();
  if (!root) return malformed("it has fewer than three lines");
  if (origin->empty()) return malformed("its first line, the origin, is empty");
  const auto leaves = decimal(*size);
  if (!leaves) return malformed("its second line must be the number of leaves");
  auto hash = hash_from_base64(*root);
  if (!hash) return malformed("its third line must be the base64 of the root");
  Checkpoint checkpoint{std::string(*origin), {*leaves, *hash}, {}};
  while (const auto extension = lines.next()) {
    if (extension->empty()) return malformed("an extension line is empty");
    checkpoint.extensions.emplace_back(*extension);
  }
  if (!lines.rest().empty()) return malformed("its last line must end with a newline");
  return checkpoint;
}

Result<std::string> format_checkpoint(const Checkpoint& checkpoint) {
  std::string text = fmt::format("{}\n{}\n{}\n", checkpoint.origin, checkpoint.head.size,
                                 to_base64(checkpoint.head.root));
  for (const std::string& extension : checkpoint.extensions) text += extension + "\n";
  const Checkpoint again = TRY(parse_checkpoint(text));
  if (again != checkpoint) return malformed("a line of it has a newline");
  return text;
}

Result<std::string> sign_checkpoint(const Checkpoint& checkpoint, const SignerKey& key,
                                    std::uint64_t unix_seconds) {
  UnverifiedNote note;
  note.text = TRY(format_checkpoint(checkpoint));
  note.signatures.push_back(key.sign(note.text, unix_seconds));
  return format_note(note);
}

Result<VerifiedCheckpoint> open_checkpoint(std::string_view signed_note,
                                           const CheckpointPolicy& policy) {
  const std::vector<VerifierKey> keys = TRY(all_keys(policy));
  const UnverifiedNote unverified = TRY(parse_note(signed_note));
  const VerifiedNote note = TRY(verify_note(unverified, keys));
  VerifiedCheckpoint verified;
  verified.checkpoint_ = TRY(parse_checkpoint(note.text()));
  if (verified.checkpoint_.origin != policy.origin) {
    return invalid(fmt::format("the checkpoint is of the log `{}`, not of `{}`",
                               printable(verified.checkpoint_.origin), printable(policy.origin)));
  }
  bool log_signed = false;
  for (const VerifiedSignature& signature : note.signatures()) {
    log_signed = log_signed || is_in(policy.log_keys, signature.key);
    if (!is_in(policy.witnesses, signature.key)) continue;
    verified.cosignatures_.push_back({signature.key.name(), *signature.unix_seconds});
  }
  if (!log_signed) {
    return fail(ErrorCode::kUnauthenticated, "the log itself has not signed the checkpoint");
  }
  if (verified.cosignatures_.size() < policy.quorum) {
    return fail(ErrorCode::kUnauthenticated,
                fmt::format("{} of the known witnesses have cosigned the checkpoint, {} must have",
                            verified.cosignatures_.size(), policy.quorum));
  }
  return verified;
}

Result<std::string> add_signatures(std::string_view signed_note,
                                   std::span<const NoteSignature> signatures) {
  UnverifiedNote note = TRY(parse_note(signed_note));
  for (const NoteSignature& signature : signatures) {
    if (std::ranges::find(note.signatures, signature) != note.signatures.end()) continue;
    note.signatures.push_back(signature);
  }
  return format_note(note);
}

}  // namespace wardlock::merkle
