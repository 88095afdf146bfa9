#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "authn/session/session_record.h"

namespace wardlock::authn {

/// The live sessions in memory, each in less than 600 bytes. Private to the room. Thread-safe:
/// looking up takes a lock of one of many parts, for reading.
class LiveSessions {
 public:
  /// The settings outlive it.
  explicit LiveSessions(const SessionSettings& settings) : settings_(settings) {}

  /// What a token says to what is known.
  struct Match {
    TokenMatch match = TokenMatch::kForeign;
    Standing standing = Standing::kOver;
    Session session;
    std::int64_t rotated_ms = 0;
    bool is_without_database = false;
  };
  /// Nothing: no session of that id is known. An open one is noted as used, where `is_use`.
  std::optional<Match> match(const ReadToken& token, std::int64_t now_ms, bool is_use);
  std::optional<std::pair<Session, Standing>> find(const IdBytes& id, std::int64_t now_ms) const;

  /// Takes over what is newer than what it has; what has ended goes. A record whose ids are no
  /// UUIDs, or whose environment the settings do not have, is not taken over.
  void put(const SessionRecord& record, bool is_without_database = false);
  /// It has ended: who still comes with a record of it from before changes nothing. Nothing: it was
  /// not there.
  std::optional<Session> erase(const IdBytes& id);
  /// What ended before the last call is in nobody's hands any more.
  void forget_ended();
  /// Keeps only those of the list, and those without the database.
  void keep_only(const std::function<bool(const IdBytes&)>& is_to_stay);

  /// Those of whom `is_wanted` holds. Looks at all.
  struct Seen {
    Session session;
    Standing standing;
    bool is_without_database = false;
  };
  std::vector<Seen> select(const std::function<bool(const Seen&)>& is_wanted,
                           std::int64_t now_ms) const;
  /// Those that are not open and not just locked, or have ended.
  std::vector<Seen> over(std::int64_t now_ms) const;

  /// Ids of sessions that were used since the last call, and until when they may rest.
  std::vector<std::pair<std::string, std::int64_t>> take_uses();
  /// They could not be written: next time, then.
  void put_back(const std::vector<std::pair<std::string, std::int64_t>>& uses);
  std::size_t size() const;

 private:
  static constexpr std::size_t kParts = 64;

  struct Kept {
    IdBytes person = {};
    TokenHashes hashes;
    std::uint32_t tenant = 0;       ///< in `tenants_`
    std::uint32_t environment = 0;  ///< in the settings
    std::uint32_t methods = 0;
    std::uint16_t proofs = 0;
    AssuranceLevel level = AssuranceLevel::kNone;
    bool is_locked = false;
    bool is_without_database = false;
    std::atomic<bool> is_noted = false;  ///< as used, since the last call of `take_uses`
    std::int64_t authenticated_ms = 0;
    std::int64_t started_ms = 0;
    std::int64_t ends_ms = 0;
    std::int64_t rotated_ms = 0;
    std::atomic<std::int64_t> idle_until_ms = 0;
    std::uint64_t changed = 0;
    std::string workstation;
    std::vector<IdBytes> authenticators;
  };
  struct IdHash {
    std::size_t operator()(const IdBytes& id) const;
  };
  struct Part {
    mutable std::shared_mutex mutex;
    std::unordered_map<IdBytes, Kept, IdHash> sessions;
    std::unordered_set<IdBytes, IdHash> ended;         ///< lately
    std::unordered_set<IdBytes, IdHash> ended_before;  ///< before the last `forget_ended`
  };

  Part& part_of(const IdBytes& id) { return parts_.at(id.back() % kParts); }
  const Part& part_of(const IdBytes& id) const { return parts_.at(id.back() % kParts); }
  Session session_of(const IdBytes& id, const Kept& kept) const;
  Standing standing(const Kept& kept, std::int64_t now_ms) const;
  void note_use(Kept& kept, std::int64_t now_ms) const;
  std::uint32_t number_of_tenant(const std::string& name);

  const SessionSettings& settings_;
  std::array<Part, kParts> parts_;
  mutable std::shared_mutex tenants_mutex_;  ///< taken last
  std::vector<std::string> tenants_;
};

}  // namespace wardlock::authn
