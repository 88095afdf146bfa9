#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"
#include "crypto/ed25519.h"

namespace wardlock::merkle {

/// How a note is signed: the signature type identifiers that C2SP signed-note and tlog-cosignature
/// assign. Those of Ed25519 can be used; the others are known by name, so that who meets one is
/// told.
enum class SignatureType : std::uint8_t {
  kEd25519 = 0x01,
  kEcdsa = 0x02,
  kEd25519Cosignature = 0x04,  ///< `cosignature/v1`, with a timestamp
  kTreeHeadSignature = 0x05,   ///< RFC 6962
  kMlDsa44Cosignature = 0x06,  ///< `subtree/v1`, with a timestamp; not supported yet
};

/// For people, e.g. `Ed25519 cosignature`.
std::string_view to_string(SignatureType type);

/// One line of signature below a note.
struct NoteSignature {
  std::string key_name;
  std::uint32_t key_id = 0;
  std::string bytes;  ///< what follows the key id; with a timestamp in front in a cosignature

  bool operator==(const NoteSignature&) const = default;
};

/// Whether it can name a key: not empty, valid UTF-8 without spaces, control characters and `+`.
bool is_key_name(std::string_view name);

/// What signatures of one key are verified with. A value; its functions are thread-safe.
class VerifierKey {
 public:
  /// From `name+id+base64(type and public key)`, the id as eight lowercase hexadecimal digits.
  /// Errors: invalid_argument, also where the id is not that key's; unimplemented for a type that
  /// is not supported.
  static Result<VerifierKey> parse(std::string_view text);
  /// Errors: invalid_argument for the name; unimplemented for a type that is not Ed25519's.
  static Result<VerifierKey> make(std::string_view name, SignatureType type,
                                  const crypto::Ed25519PublicKey& key);

  const std::string& name() const { return name_; }
  std::uint32_t id() const { return id_; }
  SignatureType type() const { return type_; }
  const crypto::Ed25519PublicKey& public_key() const { return key_; }
  /// What `parse` reads.
  std::string text() const;

  /// Whether the signature says that it is this key's: name and id are the same.
  bool claims(const NoteSignature& signature) const;
  /// Whether it is this key's over that note text. A cosignature's text must be a checkpoint's
  /// body.
  bool verifies(std::string_view note_text, const NoteSignature& signature) const;

  bool operator==(const VerifierKey&) const = default;

 private:
  VerifierKey(std::string_view name, SignatureType type, const crypto::Ed25519PublicKey& key);

  std::string name_;
  std::uint32_t id_ = 0;
  SignatureType type_ = SignatureType::kEd25519;
  crypto::Ed25519PublicKey key_{};
};

/// What notes are signed with. The key is wiped when this goes, its text is not. Thread-safe.
class SignerKey {
 public:
  /// A new key. Errors: as `VerifierKey::make`.
  static Result<SignerKey> generate(std::string_view name, SignatureType type);
  static Result<SignerKey> from_seed(std::string_view name, SignatureType type,
                                     std::span<const std::uint8_t, crypto::kEd25519SeedBytes> seed);
  /// From `PRIVATE+KEY+name+id+base64(type and seed)`, as golang.org/x/mod/sumdb/note writes it.
  /// The message of an error holds nothing of the text.
  static Result<SignerKey> parse(std::string_view text);

  const std::string& name() const { return verifier_.name(); }
  SignatureType type() const { return verifier_.type(); }
  const VerifierKey& verifier() const { return verifier_; }
  /// What `parse` reads: a secret.
  std::string secret_text() const;

  /// The signature over a note text. `unix_seconds` is what a cosignature is dated with; others are
  /// not dated. Requires it to be below 2^63.
  NoteSignature sign(std::string_view note_text, std::uint64_t unix_seconds) const;

 private:
  SignerKey(VerifierKey verifier, const crypto::Ed25519SigningKey& key)
      : verifier_(std::move(verifier)), key_(key) {}

  VerifierKey verifier_;
  crypto::Ed25519SigningKey key_;
};

}  // namespace wardlock::merkle
