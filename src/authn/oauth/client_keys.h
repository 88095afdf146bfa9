#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "jose/jwk.h"

namespace wardlock::oauth {

/// Gets what is at a URL that a client named, a JWK Set, or says why it cannot be had. May wait,
/// for a bounded time; it is where addresses that others name are kept in bounds (net/egress.h).
using FetchKeys = std::function<Result<std::string>(const std::string& url)>;

/// The public keys of clients that publish them at a `jwks_uri` (RFC 7591, 2), remembered for an
/// hour. An id of a key that is not known makes the client be asked again, once a minute at most,
/// so that nobody who sends such ids makes us ask. Where the client does not answer, what was known
/// counts for a day, so that a key which was taken back is believed no longer; where nothing was,
/// it is asked again after ten seconds. Few are asked at a time: who would have to wait for that is
/// told what is known, or to try again. Times are milliseconds since the epoch. Thread-safe.
class ClientKeys {
 public:
  static constexpr std::int64_t kFreshMs = std::int64_t{3600} * 1000;
  static constexpr std::int64_t kLongestMs = 24 * kFreshMs;
  static constexpr std::int64_t kBetweenTriesMs = 60'000;
  static constexpr std::int64_t kBetweenFirstTriesMs = 10'000;
  static constexpr std::size_t kMostAtOnce = 2;  ///< that are asked
  static constexpr std::size_t kMostKept = 1000;

  /// `fetch` empty: nobody is asked.
  explicit ClientKeys(FetchKeys fetch) : fetch_(std::move(fetch)) {}

  /// The keys at the URL, with the one of that id if there is such a one. Error: kUnavailable, they
  /// cannot be had now. `tenant`: whose client it is; what one tenant's clients made us fetch is
  /// nothing to another's.
  Result<std::shared_ptr<const jose::KeySet>> keys_with(std::string_view tenant,
                                                        const std::string& url,
                                                        std::string_view key_id,
                                                        std::int64_t now_ms);

  std::size_t size() const;

 private:
  struct Kept {
    std::shared_ptr<const jose::KeySet> keys;  ///< null: never got
    std::int64_t got_ms = 0;
    std::int64_t tried_ms = 0;  ///< 0: never
    bool is_asked = false;      ///< at this moment
  };
  using Place = std::pair<std::string, std::string>;  ///< tenant and URL

  bool begin(Kept& kept, std::string_view key_id, std::int64_t now_ms);
  void make_room();

  const FetchKeys fetch_;
  mutable std::mutex mutex_;
  std::map<Place, Kept> kept_;  ///< under the mutex, like what follows
  std::size_t asking_ = 0;
};

}  // namespace wardlock::oauth
