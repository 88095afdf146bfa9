#include "audit/keys/key_wrapping.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "crypto/committing_aead.h"
#include "crypto/keyed_hash.h"
#include "crypto/random.h"

namespace wardlock::audit {

using crypto::SymmetricKey;

namespace {

constexpr std::string_view kProof = "wardlock subject keys";

}  // namespace

std::span<const std::uint8_t> bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

std::string_view text_of(std::span<const std::uint8_t> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

KeyWrapping::KeyWrapping(const SymmetricKey& master)
    : wrap_(derive_key(master, "wrap subject keys")), find_(derive_key(master, "find subjects")) {}

RandomName KeyWrapping::name_of(const event::Subject& subject) const {
  const auto hash = keyed_hash(find_, "subject", {subject.tenant, subject.type, subject.id});
  RandomName name;
  std::copy_n(hash.begin(), name.size(), name.begin());
  return name;
}

std::string KeyWrapping::wrap(const event::SubjectKey& key) const {
  return seal(text_of(key.key.bytes()), text_of(key.id));
}

Result<SymmetricKey> KeyWrapping::unwrap(std::span<const std::uint8_t> wrapped,
                                         const event::KeyId& id) const {
  std::array<char, SymmetricKey::kBytes> bytes;
  if (wrapped.size() != bytes.size() + crypto::kAeadOverhead ||
      !open_aead(wrap_, text_of(wrapped), text_of(id), bytes)) {
    return fail(ErrorCode::kDataLoss, "a subject's key is damaged: restore the keys from a backup");
  }
  SymmetricKey key(bytes_of({bytes.data(), bytes.size()}).first<SymmetricKey::kBytes>());
  explicit_bzero(bytes.data(), bytes.size());
  return key;
}

std::string KeyWrapping::make_proof() const { return seal(kProof, "proof"); }

bool KeyWrapping::check_proof(std::string_view proof) const {
  std::string text(kProof.size(), '\0');
  return proof.size() == kProof.size() + crypto::kAeadOverhead &&
         open_aead(wrap_, proof, "proof", text) && text == kProof;
}

std::string KeyWrapping::seal(std::string_view text, std::string_view belongs_to) const {
  std::array<std::uint8_t, crypto::kAeadNonceBytes> nonce;
  crypto::fill_random(nonce);
  std::string out;
  seal_aead(wrap_, nonce, text, belongs_to, out);
  return out;
}

}  // namespace wardlock::audit
