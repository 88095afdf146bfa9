#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "authn/federation/provider_metadata.h"
#include "base/error.h"
#include "jose/jwk.h"
#include "net/egress.h"
#include "net/interruption.h"

namespace wardlock::authn {

/// A provider's metadata and keys, as it publishes them, remembered for an hour. A token with an id
/// of a key that is not known makes them be asked for again, once a minute at most, so that no
/// stranger makes us ask. Where the provider does not answer, what was known counts for a day;
/// where nothing was, it is asked again after ten seconds. Waits: for threads that may.
/// Thread-safe.
class ProviderDocuments {
 public:
  /// `egress` outlives it.
  ProviderDocuments(std::string issuer, jose::SignatureAlgorithm rsa_algorithm,
                    const net::Egress& egress)
      : issuer_(std::move(issuer)), rsa_algorithm_(rsa_algorithm), egress_(egress) {}

  /// Errors: those of `Egress::fetch`; kUnavailable, the provider answers with something else;
  /// kInvalidArgument, as `ProviderMetadata::parse`.
  Result<ProviderMetadata> metadata(std::chrono::sys_seconds now,
                                    const net::Interruption& interruption);
  /// The keys, with the one of that id if there is such a one. Errors as well: those of
  /// `KeySet::parse`.
  Result<std::shared_ptr<const jose::KeySet>> keys_with(std::string_view key_id,
                                                        std::chrono::sys_seconds now,
                                                        const net::Interruption& interruption);

 private:
  template <typename T>
  struct Kept {
    std::shared_ptr<const T> value;  // null: never got
    std::chrono::sys_seconds got = {};
    std::chrono::sys_seconds tried = {};

    bool is_fresh(std::chrono::sys_seconds now) const;
    bool may_try(std::chrono::sys_seconds now) const;
  };
  template <typename T, typename Fetch>
  Result<std::shared_ptr<const T>> current(Kept<T>& kept, bool is_enough,
                                           std::chrono::sys_seconds now, const Fetch& fetch);
  Result<std::string> fetch(const std::string& url, const net::Interruption& interruption) const;
  Result<std::shared_ptr<const ProviderMetadata>> metadata_locked(
      std::chrono::sys_seconds now, const net::Interruption& interruption);

  const std::string issuer_;
  const jose::SignatureAlgorithm rsa_algorithm_;
  const net::Egress& egress_;
  std::mutex mutex_;  // held while something is asked for: others wait for the same
  Kept<ProviderMetadata> metadata_;
  Kept<jose::KeySet> keys_;
};

}  // namespace wardlock::authn
