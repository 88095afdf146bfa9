#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "authn/oauth/grant.h"
#include "authn/oauth/occasion.h"
#include "authn/oauth/signing_keys.h"
#include "crypto/seeded_hash.h"

namespace wardlock::oauth {

/// Whom an access token speaks for, as it was when it was issued. A value.
struct Subject {
  std::string tenant;
  std::string person = {};  ///< the thing's id in the directory; empty: the client itself
  std::string client;
  std::string thing = {};       ///< the service of the directory that the client is; may be empty
  codec::Json actor = nullptr;  ///< `act` (RFC 8693, 4.1): who acts for the person, outermost first
  Authentication authentication = {};
  std::vector<std::string> scopes = {};
  std::vector<std::string> audiences = {};
  std::string session = {};  ///< `sid`
  Binding binding = {};      ///< `cnf`
  std::string grant;         ///< its id: all of it ends together
  std::string id;            ///< `jti`
  std::int64_t issued_ms = 0;
  std::int64_t expires_ms = 0;
  boost::json::object claims = {};  ///< all that the token says (RFC 9068, 2.2)
};

/// Of claims that we made. Nothing of it is believed before it was verified. Error: kDataLoss.
Result<Subject> read_subject(std::string_view tenant, boost::json::object claims);

/// Access tokens of both kinds, verified in memory: the signature of a JWT, or what an opaque one
/// stands for, and that what it came of has not ended. It follows the database, so that each node
/// knows what others issued and ended. Thread-safe; `verify` costs no database.
class AccessTokens {
 public:
  /// Both outlive it.
  AccessTokens(const Parts& parts, const SigningKeys& keys) : parts_(parts), keys_(keys) {}

  /// Refusal kInvalidToken, in the same words whatever is wrong with it. Whether who presents it
  /// may
  /// (`check_presenter`), and whether it is for them, is asked besides.
  Answer<std::shared_ptr<const Subject>> verify(const Occasion& occasion,
                                                std::string_view token) const;
  /// The same for whoever may wait: also finds what another node issued a moment ago.
  Answer<std::shared_ptr<const Subject>> verify_waiting(const Occasion& occasion,
                                                        std::string_view token);

  /// Takes over what was issued and ended since the last time. To be called at the start, after
  /// each change here, and when `kChangeChannel` is notified.
  Result<void> follow();
  /// Forgets what is over. To be called now and then.
  void tidy(std::int64_t now_ms);

  std::size_t size() const;

 private:
  static constexpr std::size_t kShards = 16;
  using Subjects = std::unordered_map<std::string, std::shared_ptr<const Subject>,
                                      crypto::SeededHash, std::equal_to<>>;
  struct Shard {
    mutable std::shared_mutex mutex;
    Subjects opaque;  ///< by tenant and hash
  };
  Shard& shard_of(std::string_view key) const;

  Result<void> follow_opaque(storage::Work& work);
  Result<void> follow_ended(storage::Work& work);
  std::shared_ptr<const Subject> find_opaque(std::string_view tenant, std::string_view token) const;
  Answer<std::shared_ptr<const Subject>> verify_jwt(const Occasion& occasion,
                                                    std::string_view token) const;
  bool has_ended(const Subject& subject) const;

  const Parts& parts_;
  const SigningKeys& keys_;
  mutable std::array<Shard, kShards> shards_;
  mutable std::shared_mutex ended_mutex_;
  /// Grants that ended, by tenant and id, and when; while a token of theirs might live.
  std::unordered_map<std::string, std::int64_t, crypto::SeededHash, std::equal_to<>> ended_;
  std::mutex following_;     ///< one at a time
  std::int64_t number_ = 0;  ///< up to which it has followed
};

/// Whether who sends the token is who it was given to: with the proof's key and over the
/// certificate that it is tied to (RFC 9449, 7; RFC 8705, 3). `dpop_key`: of a proof that was
/// verified, empty where none came; `is_dpop`: it was sent as `DPoP`, not as `Bearer`.
Answer<void> check_presenter(const Subject& subject, bool is_dpop, std::string_view dpop_key,
                             std::string_view certificate);

}  // namespace wardlock::oauth
