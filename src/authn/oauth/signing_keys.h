#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "authn/oauth/occasion.h"
#include "authn/oauth/refusal.h"
#include "jose/jwk.h"

namespace wardlock::oauth {

/// How keys follow each other.
struct KeyPeriods {
  std::chrono::seconds signs = std::chrono::hours(24 * 30);  ///< then the next one does
  /// So long before it signs a key is shown, that whoever keeps our keys has it by then.
  std::chrono::seconds shown_before = std::chrono::hours(24);
  /// So long after it has signed last, a key still verifies: longer than any token lives.
  std::chrono::seconds known_after = std::chrono::hours(2);
};

/// The keys with which a tenant's tokens are signed (ES256): in the database, sealed, so that all
/// nodes have the same. Which of them signs follows from the time alone: the one that may since the
/// latest moment. So nobody has to tell the other nodes. Thread-safe.
class SigningKeys {
 public:
  /// `parts` outlive it.
  explicit SigningKeys(const Parts& parts, const KeyPeriods& periods = {})
      : parts_(parts), periods_(periods) {}

  /// The key that signs now. May wait for the database. The first one is made when it is needed.
  Answer<std::shared_ptr<const jose::SigningKey>> current(const Occasion& occasion);
  /// All that verify, and those that will sign: what `jwks_uri` shows. May wait for the database.
  Answer<std::shared_ptr<const jose::KeySet>> shown(const Occasion& occasion);
  /// The same, as far as this process knows; null: it knows none. Costs no database.
  std::shared_ptr<const jose::KeySet> known(std::string_view tenant) const;

  /// Makes the next key where it is due, and forgets those that verify nothing any more. To be
  /// called now and then; `current` does so where there is none.
  Answer<void> keep_up(const Occasion& occasion);
  /// A key may have leaked: it and all before it verify no more, and another signs at once.
  Answer<void> replace_all(const Occasion& occasion);

 private:
  struct Kept {
    std::string id;
    std::int64_t signs_from_ms = 0;
    std::shared_ptr<const jose::SigningKey> key;
  };
  struct Ring {
    std::vector<Kept> keys;  ///< in the order in which they sign
    std::shared_ptr<const jose::KeySet> shown;
    std::int64_t read_ms = 0;
  };

  Answer<std::shared_ptr<const Ring>> ring(const Occasion& occasion);
  Answer<Ring> read(storage::Work& work, const Occasion& occasion) const;
  Answer<void> add_key(storage::Work& work, const Occasion& occasion,
                       std::int64_t signs_from_ms) const;
  Answer<void> keep_up(storage::Work& work, const Occasion& occasion) const;
  void remember(std::string_view tenant, Ring ring);

  const Parts& parts_;
  const KeyPeriods periods_;
  mutable std::mutex mutex_;
  std::map<std::string, std::shared_ptr<const Ring>, std::less<>> rings_;  ///< by tenant
};

}  // namespace wardlock::oauth
