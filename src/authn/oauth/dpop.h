#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_set>

#include "authn/oauth/refusal.h"
#include "crypto/hmac.h"

namespace wardlock::oauth {

/// A request with a proof that its sender has a key (RFC 9449).
struct DpopQuestion {
  std::string_view proof;         ///< the header's value
  std::string_view method;        ///< the request's
  std::string_view url;           ///< the request's, without query
  std::string_view access_token;  ///< where one comes with it, else empty
  std::string_view key;           ///< the thumbprint that it must be of; empty: any
  std::int64_t now_ms = 0;
};

/// Checks proofs. Ours are the nonces: they change every minute and follow from a key that all
/// nodes share, so that no proof is older than two of them. Each proof is taken once by a process;
/// what is remembered of them has a fixed size, and where it is full none is taken. Thread-safe.
class DpopProofs {
 public:
  /// `nonce_key`: the house's own for this.
  explicit DpopProofs(const crypto::HmacKey& nonce_key, std::size_t most = 1'000'000)
      : nonce_key_(nonce_key), most_(most) {}

  /// What `DPoP-Nonce` is to say.
  std::string nonce(std::int64_t now_ms) const;

  /// The key's thumbprint. Refusals: kUseDpopNonce, where the proof has no nonce of ours that is
  /// fresh, else kInvalidDpopProof.
  Answer<std::string> verify(const DpopQuestion& question);

 private:
  std::string nonce_of(std::int64_t minute) const;
  Answer<void> take_once(std::string_view id, std::int64_t now_ms);

  crypto::HmacKey nonce_key_;
  std::size_t most_;
  std::mutex mutex_;
  std::int64_t since_minute_ = 0;
  std::unordered_set<std::string> seen_;    ///< in this period
  std::unordered_set<std::string> before_;  ///< and the one before
};

}  // namespace wardlock::oauth
