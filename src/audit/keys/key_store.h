#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "audit/keys/key_cache.h"
#include "audit/keys/key_wrapping.h"
#include "audit/keys/subject_keys.h"
#include "base/error.h"
#include "storage/sqlite.h"

namespace wardlock::audit {

/// A key and where its row is.
struct StoredKey {
  std::int64_t number = 0;
  event::SubjectKey key = {};
};

/// The keys in their database. Private to this room; not thread-safe. Errors as with `SubjectKeys`.
class KeyStore {
 public:
  static Result<KeyStore> open(const SubjectKeysOptions& options,
                               const crypto::SymmetricKey& master);

  RandomName name_of(const event::Subject& subject) const { return wrapping_.name_of(subject); }

  /// Whether another process changed the file since this was last asked.
  Result<bool> was_changed();

  /// What is done until it is committed is done together.
  Result<storage::Transaction> begin() { return storage::Transaction::begin(database_); }
  Result<void> empty_wal() { return database_.empty_wal(); }

  /// Nobody's yet.
  Result<StoredKey> create();
  /// Gives a key to a subject. Nothing changes where the subject has it.
  Result<void> assign(const RandomName& subject, std::int64_t number);
  Result<bool> is_assigned(std::int64_t number);
  /// A subject's key is zeroed, and its erasure noted.
  Result<void> erase(const RandomName& subject, std::int64_t number, std::int64_t now);

  /// A subject's keys, the latest first. (More than one only after a crash; see `adopt`.)
  Result<std::vector<StoredKey>> keys_of(const RandomName& subject);
  /// The latest of them.
  Result<std::optional<StoredKey>> latest_of(const RandomName& subject);

  struct Found {
    event::KeyLookup::Answer answer = event::KeyLookup::Answer::kMissing;
    StoredKey stored = {};  ///< where it was found
  };
  Result<Found> find(const event::KeyId& id);

  Result<std::vector<Erasure>> erasures(const RandomName& subject);

  Result<void> hold(const RandomName& subject, std::string_view name, std::int64_t now);
  Result<bool> release(const RandomName& subject, std::string_view name);
  Result<std::vector<LegalHold>> holds(const RandomName& subject);
  /// The keys of subjects with a hold.
  Result<std::vector<event::KeyId>> held_keys();

 private:
  KeyStore(storage::Database database, std::vector<storage::Statement> statements,
           const KeyWrapping& wrapping);

  storage::Database database_;
  std::vector<storage::Statement> statements_;
  KeyWrapping wrapping_;
  std::int64_t seen_version_ = 0;
};

}  // namespace wardlock::audit
