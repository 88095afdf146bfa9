#include "audit/keys/subject_keys.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <utility>

#include "audit/keys/key_cache.h"
#include "audit/keys/key_store.h"
#include "base/utf8.h"
#include "crypto/keyed_hash.h"

namespace wardlock::audit {

using crypto::SymmetricKey;
using event::KeyId;
using event::Subject;
using event::SubjectKey;
using storage::Transaction;

struct SubjectKeys::State {
  using Clock = std::chrono::steady_clock;

  State(KeyStore opened, const SubjectKeysOptions& given)
      : store(std::move(opened)),
        options(given),
        by_subject(std::max<std::size_t>(given.cached, 1)),
        by_id(std::max<std::size_t>(given.cached, 1)) {}

  /// Forgets what is cached when another process changed the file: it may have erased keys.
  Result<void> notice_changes() {
    if (glances > 0 || !TRY(store.was_changed())) return {};
    by_subject.clear();
    by_id.clear();
    return {};
  }

  Result<std::optional<SubjectKey>> find(const RandomName& name) {
    if (const SubjectKey* const cached = by_subject.find(name)) return *cached;
    if (const auto given = owed.find(name); given != owed.end()) return given->second.key;
    const auto stored = TRY(store.latest_of(name));
    if (!stored) return std::nullopt;
    by_subject.put(name, stored->key);
    return stored->key;
  }

  /// In a transaction.
  Result<void> pay_what_is_owed() {
    for (const auto& [name, stored] : owed) TRY_VOID(store.assign(name, stored.number));
    return {};
  }

  /// Keys for those at `missing`, and what else is to be written, in one transaction.
  Result<void> create(std::span<const RandomName> names, std::span<const std::size_t> missing,
                      std::vector<SubjectKey>& keys) {
    Transaction transaction = TRY(store.begin());
    TRY_VOID(pay_what_is_owed());
    for (const std::size_t i : missing) {
      // Another process may have made it meanwhile, or an earlier one of these.
      auto stored = TRY(store.latest_of(names[i]));
      if (!stored) {
        stored = TRY(store.create());
        TRY_VOID(store.assign(names[i], stored->number));
      }
      keys[i] = stored->key;
    }
    std::vector<StoredKey> made;
    while (spares.size() + made.size() < options.spares) made.push_back(TRY(store.create()));
    TRY_VOID(transaction.commit());
    owed.clear();
    spares.insert(spares.end(), made.begin(), made.end());
    for (const std::size_t i : missing) by_subject.put(names[i], keys[i]);
    return {};
  }

  /// Of the keys that lie ready, for those at `missing`; false where there are too few.
  bool give_spares(std::span<const RandomName> names, std::span<const std::size_t> missing,
                   std::vector<SubjectKey>& keys) {
    if (spares.size() < missing.size()) return false;
    for (const std::size_t i : missing) {
      const auto [given, is_new] = owed.try_emplace(names[i]);
      if (is_new) {
        given->second = spares.back();
        spares.pop_back();
      }
      keys[i] = given->second.key;
    }
    return true;
  }

  /// Makes what is missing; where that fails, gives of what lies ready, and tries again later.
  Result<void> make(std::span<const RandomName> names, std::span<const std::size_t> missing,
                    std::vector<SubjectKey>& keys) {
    const bool is_due = Clock::now() >= next_try;
    const bool is_needed = !missing.empty() || !owed.empty() || spares.size() < options.spares;
    if (!is_needed || (missing.empty() && !is_due)) return {};
    Result<void> made = fail(ErrorCode::kUnavailable, "the subjects' keys could not be written");
    if (is_due || spares.size() < missing.size()) {
      made = create(names, missing, keys);
      if (!made) next_try = Clock::now() + options.retry_after;
    }
    if (made || missing.empty() || give_spares(names, missing, keys)) return {};
    return made;
  }

  Result<std::optional<Erasure>> erase(const RandomName& name, std::int64_t now) {
    Transaction transaction = TRY(store.begin());
    if (const auto held = TRY(store.holds(name)); !held.empty()) {
      return fail(ErrorCode::kFailedPrecondition,
                  fmt::format("the legal hold `{}` keeps this from being erased: release it first",
                              printable(held.front().name)));
    }
    TRY_VOID(pay_what_is_owed());
    const auto keys = TRY(store.keys_of(name));
    for (const StoredKey& stored : keys) {
      TRY_VOID(store.erase(name, stored.number, now));
      by_id.remove(stored.key.id);
    }
    by_subject.remove(name);
    TRY_VOID(transaction.commit());
    owed.clear();
    if (keys.empty()) return std::nullopt;
    return Erasure{.key_id = keys.front().key.id, .time = now};
  }

  std::mutex mutex;  // guards all of it
  KeyStore store;
  SubjectKeysOptions options;
  KeyCache by_subject, by_id;
  std::vector<StoredKey> spares;         // on disk, and nobody's
  std::map<RandomName, StoredKey> owed;  // were given to subjects, which is not on disk yet
  Clock::time_point next_try;            // after a failure
  int glances = 0;                       // that live
};

SubjectKeys::SubjectKeys(std::unique_ptr<State> state) : state_(std::move(state)) {}

SubjectKeys::~SubjectKeys() {
  if (state_->owed.empty()) return;
  std::vector<SubjectKey> none;
  // Where it fails, whoever reads the log finds whose the keys are: see `adopt`.
  state_->options.spares = 0;
  if (!state_->create({}, {}, none)) return;
}

Result<std::unique_ptr<SubjectKeys>> SubjectKeys::open(const SubjectKeysOptions& options,
                                                       const SymmetricKey& master) {
  KeyStore store = TRY(KeyStore::open(options, master));
  return std::unique_ptr<SubjectKeys>(
      new SubjectKeys(std::make_unique<State>(std::move(store), options)));
}

Result<void> SubjectKeys::find_or_create(std::span<const Subject> subjects,
                                         std::vector<SubjectKey>& keys) {
  const std::scoped_lock lock(state_->mutex);
  TRY_VOID(state_->notice_changes());
  keys.resize(subjects.size());
  std::vector<RandomName> names(subjects.size());
  std::vector<std::size_t> missing;
  for (std::size_t i = 0; i < subjects.size(); ++i) {
    names[i] = state_->store.name_of(subjects[i]);
    if (const auto key = TRY(state_->find(names[i]))) {
      keys[i] = *key;
    } else {
      missing.push_back(i);
    }
  }
  return state_->make(names, missing, keys);
}

Result<std::optional<SubjectKey>> SubjectKeys::find_subject(const Subject& subject) {
  const std::scoped_lock lock(state_->mutex);
  TRY_VOID(state_->notice_changes());
  return state_->find(state_->store.name_of(subject));
}

Result<event::KeyLookup::Answer> SubjectKeys::find(const KeyId& id, SymmetricKey& key) {
  const std::scoped_lock lock(state_->mutex);
  TRY_VOID(state_->notice_changes());
  if (const SubjectKey* const cached = state_->by_id.find(id)) {
    key = cached->key;
    return Answer::kFound;
  }
  const auto found = TRY(state_->store.find(id));
  if (found.answer == Answer::kFound) {
    key = found.stored.key.key;
    state_->by_id.put(id, found.stored.key);
  }
  return found.answer;
}

Result<void> SubjectKeys::adopt(const Subject& subject, const KeyId& id) {
  const std::scoped_lock lock(state_->mutex);
  TRY_VOID(state_->notice_changes());
  const RandomName name = state_->store.name_of(subject);
  const auto latest = TRY(state_->find(name));
  if (latest && latest->id == id) return {};
  const auto found = TRY(state_->store.find(id));
  if (found.answer != Answer::kFound || TRY(state_->store.is_assigned(found.stored.number))) {
    return {};
  }
  state_->by_subject.remove(name);
  return state_->store.assign(name, found.stored.number);
}

Result<std::optional<Erasure>> SubjectKeys::erase(const Subject& subject, std::int64_t now) {
  const std::scoped_lock lock(state_->mutex);
  TRY_VOID(state_->notice_changes());
  const auto erasure = TRY(state_->erase(state_->store.name_of(subject), now));
  // Always: an earlier attempt may have ended here.
  TRY_VOID(state_->store.empty_wal());
  return erasure;
}

Result<std::vector<Erasure>> SubjectKeys::erasures(const Subject& subject) {
  const std::scoped_lock lock(state_->mutex);
  return state_->store.erasures(state_->store.name_of(subject));
}

Result<void> SubjectKeys::hold(const Subject& subject, std::string_view name, std::int64_t now) {
  const std::scoped_lock lock(state_->mutex);
  return state_->store.hold(state_->store.name_of(subject), name, now);
}

Result<bool> SubjectKeys::release(const Subject& subject, std::string_view name) {
  const std::scoped_lock lock(state_->mutex);
  return state_->store.release(state_->store.name_of(subject), name);
}

Result<std::vector<LegalHold>> SubjectKeys::holds(const Subject& subject) {
  const std::scoped_lock lock(state_->mutex);
  return state_->store.holds(state_->store.name_of(subject));
}

Result<std::vector<KeyId>> SubjectKeys::held_keys() {
  const std::scoped_lock lock(state_->mutex);
  return state_->store.held_keys();
}

Result<SubjectKeys::Glance> SubjectKeys::Glance::begin(SubjectKeys& keys) {
  const std::scoped_lock lock(keys.state_->mutex);
  TRY_VOID(keys.state_->notice_changes());
  ++keys.state_->glances;
  return Glance(keys);
}

SubjectKeys::Glance::~Glance() {
  if (keys_ == nullptr) return;
  const std::scoped_lock lock(keys_->state_->mutex);
  --keys_->state_->glances;
}

SubjectKeys::Glance::Glance(Glance&& other) noexcept : keys_(std::exchange(other.keys_, nullptr)) {}

std::uint64_t index_term(const SymmetricKey& key, std::string_view role, std::string_view value) {
  const auto hash = keyed_hash(key, "index term", {role, value});
  std::uint64_t term = 0;
  for (std::size_t i = 0; i < sizeof term; ++i) term = term << 8 | hash[i];
  return term;
}

}  // namespace wardlock::audit
