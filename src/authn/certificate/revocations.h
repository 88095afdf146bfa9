#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "authn/certificate/card.h"
#include "authn/certificate/kept_crl.h"
#include "base/error.h"
#include "net/egress.h"
#include "net/interruption.h"
#include "x509/revocation.h"

namespace wardlock::authn {

/// Where it is asked whether a certificate was revoked. At least one of the first three.
struct RevocationSettings {
  std::vector<std::string> crl_files = {};  ///< followed as they are replaced
  bool asks_ocsp = false;                   ///< where certificates say, or at `ocsp_url`
  bool fetches_crls = false;                ///< where certificates say
  std::string ocsp_url = {};
  /// Responders that prepare their answers repeat no nonce; then only the times tell an old one.
  bool is_nonce_required = true;
  /// How long what was known last still counts where nothing newer is to be had: a card that was
  /// found good at most so long ago, or is good by a list that was to be renewed so long ago, is
  /// let in. 0: it is refused.
  std::chrono::seconds grace{0};
  /// After this a list that was fetched is fetched again, though it may count for longer.
  std::chrono::seconds fetch_again = std::chrono::minutes(15);
};

/// What was found out about a card.
struct CardStatus {
  x509::RevocationStatus status;
  bool is_by_grace = false;  ///< good, by what was known last
};

/// Whether cards were revoked, and the authorities that issued them. Asks where the settings say;
/// revoked is what one of them says is. Waits for others' servers: for threads that may. What it
/// remembers has a bounded size. Thread-safe.
class Revocations {
 public:
  /// `egress` outlives it; null: nobody is asked over the network. Error kInvalidArgument: there is
  /// nowhere to ask.
  static Result<std::unique_ptr<Revocations>> create(RevocationSettings settings,
                                                     const net::Egress* egress);

  CardStatus status_of(const Card& card, std::chrono::sys_seconds now,
                       const net::Interruption& interruption);

 private:
  using Whys = std::vector<std::string>;
  struct Pair;
  /// A list that was fetched, or could not be.
  struct Fetched {
    std::mutex mutex;  ///< held while it is fetched
    std::shared_ptr<const KeptCrl> crl;
    std::chrono::sys_seconds next = {};
    Error fault;
  };
  static constexpr std::size_t kMostFetched = 64;
  static constexpr std::size_t kMostRemembered = 100'000;

  Revocations(RevocationSettings settings, const net::Egress* egress);
  x509::RevocationStatus status_of(const Pair& pair, const net::Interruption& interruption);
  x509::RevocationStatus by_files(const Pair& pair);
  x509::RevocationStatus by_ocsp(const Pair& pair, const net::Interruption& interruption) const;
  x509::RevocationStatus by_fetched(const Pair& pair, const net::Interruption& interruption);
  Result<x509::RevocationStatus> ask(const Pair& pair, std::string_view url,
                                     const net::Interruption& interruption) const;
  Result<std::shared_ptr<const KeptCrl>> fetch(const std::string& url, std::chrono::sys_seconds now,
                                               const net::Interruption& interruption);
  Result<std::shared_ptr<const KeptCrl>> fetch_now(const std::string& url,
                                                   const net::Interruption& interruption) const;
  bool was_good(const Pair& pair) const;
  void remember_good(const Pair& pair);

  const RevocationSettings settings_;
  const net::Egress* const egress_;
  std::vector<std::unique_ptr<CrlFile>> files_;
  mutable std::mutex mutex_;
  std::map<std::string, std::shared_ptr<Fetched>> fetched_;  // by URL
  std::map<std::string, std::chrono::sys_seconds> good_;  // by certificate, when last; or revoked
};

}  // namespace wardlock::authn
