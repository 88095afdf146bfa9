#pragma once

#include <span>
#include <string>
#include <variant>

#include "base/error.h"
#include "crypto/symmetric_key.h"
#include "secrets/sealer.h"

namespace wardlock::secrets {

/// 64 hexadecimal digits and a newline, 0600.
struct KeyFile {
  std::string path;
};

/// 64 hexadecimal digits in an environment variable.
struct KeyVariable {
  std::string name;
};

/// The file holds a key that only a token (PKCS#11) can open: an AES key that never leaves the
/// token sealed it (CKM_AES_GCM). The token is needed when the server starts, not for each secret.
struct KeyToken {
  std::string module;  ///< the path of the vendor's library, e.g. `/usr/lib/softhsm/libsofthsm2.so`
  std::string token;   ///< its label
  std::string key;     ///< the label of the AES key in it
  std::string pin_file;  ///< the first line is the user's PIN; 0600
  std::string path;      ///< the sealed key
};

using KeySource = std::variant<KeyFile, KeyVariable, KeyToken>;

/// For people, e.g. `the file /etc/wardlock/secrets.key`.
std::string describe(const KeySource& source);

/// Errors: kNotFound, there is no such file or variable; kFailedPrecondition, others may read it,
/// or the token refuses it; kUnavailable, the token does not answer; kDataLoss, it holds no key.
Result<crypto::SymmetricKey> load_key(const KeySource& source);

/// The same; a file that is not there is made, with a new key. Not for variables.
Result<crypto::SymmetricKey> load_or_create_key(const KeySource& source);

/// All of them, the current one first. The first is made where it is not there and `may_create`.
Result<Sealer> load_sealer(std::span<const KeySource> sources, bool may_create);

}  // namespace wardlock::secrets
