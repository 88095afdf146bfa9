#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "crypto/symmetric_key.h"
#include "event/sealed_record.h"
#include "event/subject.h"

namespace wardlock::audit {

struct SubjectKeysOptions {
  std::string path;              ///< of the database; its folder must be there
  bool is_read_only = false;     ///< for those who only read a log; it must be there
  std::size_t cached = 100'000;  ///< so many keys are kept in memory, the latest used
  /// So many keys lie ready on disk for subjects that come while the file cannot be written. What
  /// is left of them at the end is never used.
  std::size_t spares = 256;
  /// How long another process is waited for.
  std::chrono::milliseconds busy_timeout = std::chrono::seconds(5);
  /// How long after a failure to write it is tried again.
  std::chrono::milliseconds retry_after = std::chrono::seconds(1);
};

/// When a subject's key was erased, and which it was.
struct Erasure {
  event::KeyId key_id = {};
  std::int64_t time = 0;  ///< milliseconds since the epoch
};

/// What keeps a subject's key from being erased, e.g. a lawsuit.
struct LegalHold {
  std::string name;
  std::int64_t since = 0;  ///< milliseconds since the epoch
};

/// A key for each subject whose data is in the log, held apart from the log, so that erasing the
/// key erases the data. At rest each is sealed under the master key, and the file does not say
/// whose it is: a row is found by a keyed hash.
///
/// INVARIANT: a key that was given out is on disk; a key that was erased is nowhere in the file.
/// Thread-safe. One process writes it at a time; others may read.
class SubjectKeys final : public event::KeyLookup {
 public:
  /// Errors: kFailedPrecondition, the file was made under another master key; kDataLoss, it is
  /// damaged; those of storage/sqlite.h.
  static Result<std::unique_ptr<SubjectKeys>> open(const SubjectKeysOptions& options,
                                                   const crypto::SymmetricKey& master);
  ~SubjectKeys() override;
  SubjectKeys(const SubjectKeys&) = delete;
  SubjectKeys& operator=(const SubjectKeys&) = delete;

  /// The key of each subject, in the same order; those that are new are made, all in one durable
  /// transaction. A subject whose key was erased gets a new one: the old stays erased. While the
  /// file cannot be written new subjects get keys that lie ready there, and whose they are is
  /// written when it can be. Error: there are no more of those.
  Result<void> find_or_create(std::span<const event::Subject> subjects,
                              std::vector<event::SubjectKey>& keys);

  /// The key that the subject has now, or nothing. Makes none.
  Result<std::optional<event::SubjectKey>> find_subject(const event::Subject& subject);

  /// For opening records.
  Result<Answer> find(const event::KeyId& id, crypto::SymmetricKey& key) override;

  /// Notes whose a key is, where nobody knows: what a record says of a key that lay ready, when the
  /// process ended before it could write whose it had become. For whoever reads the log after a
  /// crash; nothing changes where the key is known.
  Result<void> adopt(const event::Subject& subject, const event::KeyId& id);

  /// Erases the subject's key, durably: nothing sealed with it can be opened again, by anybody.
  /// Nothing where it has none (any more). After a crash, not before all of the log was read by
  /// somebody who adopts keys. `now` is milliseconds since the epoch. Errors:
  /// kFailedPrecondition, a legal hold; any other, after which it is not known to be erased
  /// everywhere: ask again.
  Result<std::optional<Erasure>> erase(const event::Subject& subject, std::int64_t now);

  /// When the subject's keys were erased, oldest first.
  Result<std::vector<Erasure>> erasures(const event::Subject& subject);

  /// Puts a legal hold on the subject, which may have no key yet: until it is released, `erase`
  /// refuses. Nothing changes where there is one of that name.
  Result<void> hold(const event::Subject& subject, std::string_view name, std::int64_t now);
  /// False: there is none of that name.
  Result<bool> release(const event::Subject& subject, std::string_view name);
  /// By name.
  Result<std::vector<LegalHold>> holds(const event::Subject& subject);
  /// The ids of all keys whose subjects have a legal hold: records with one of them must be kept.
  Result<std::vector<event::KeyId>> held_keys();

  /// While it lives, what other processes and connections change is looked for once, when it is
  /// made, and not at each call: for who looks up many keys in a row. Not for who shows what the
  /// keys open: a key that is erased meanwhile may still be given out. The keys outlive it.
  class Glance {
   public:
    static Result<Glance> begin(SubjectKeys& keys);
    ~Glance();
    Glance(Glance&& other) noexcept;
    Glance& operator=(Glance&&) = delete;

   private:
    explicit Glance(SubjectKeys& keys) : keys_(&keys) {}
    SubjectKeys* keys_;
  };

 private:
  struct State;
  explicit SubjectKeys(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// What stands for a subject in an index: 8 bytes that only the subject's key gives. `role` says as
/// what it is found, e.g. `patient`. With the key erased, nobody can tell whom it stood for.
std::uint64_t index_term(const crypto::SymmetricKey& key, std::string_view role,
                         std::string_view value = {});

}  // namespace wardlock::audit
