#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "directory/registry/thing.h"
#include "event/event.h"
#include "secrets/secret_table.h"
#include "storage/work.h"

namespace wardlock::directory {

/// What happened to a thing or a relation, in the change feed.
enum class What : std::uint8_t { kCreated, kChanged, kRemoved, kRelated, kEnded };

/// Its name, e.g. `created`.
std::string_view to_string(What what);

/// What the feed calls a credential; see credential.h.
inline constexpr std::string_view kCredentialEntry = "credential";

/// What the feed calls all that a tenant has, where a backup was put in its place.
inline constexpr std::string_view kWholeEntry = "directory";

class Edit;

/// What the directory takes from outside.
struct Surroundings {
  std::function<std::int64_t()> clock;  ///< milliseconds since the epoch
  std::function<void(std::span<std::uint8_t>)> fill_random;
  std::string node = {};                    ///< in events
  secrets::SecretTable* secrets = nullptr;  ///< null: no secrets are kept
  /// Told, within the change, of those who get a role of administration by it: what lets them in
  /// beside the directory's credentials is to end. Not set: nothing does.
  std::function<Result<void>(Edit&, const std::vector<std::string>& things)> promoted = {};
};

/// What a server's only tenant is called in the directory; in the configuration and in events it
/// has no name.
inline constexpr std::string_view kOnlyTenant = "main";
/// What events call a tenant of the directory.
inline std::string_view event_tenant(std::string_view tenant) {
  return tenant == kOnlyTenant ? std::string_view() : tenant;
}

/// An id that is new for ever: a UUID of version 7 (RFC 9562 §5.7).
std::string new_id(std::int64_t time_ms, const Surroundings& surroundings);

/// What one change adds to the outbox of audit events and to the change feed, within its
/// transaction and under one revision. For one transaction; borrows what it is made of.
class Journal {
 public:
  /// `is_rehearsal`: nothing is written, only whether it could be is found out.
  Journal(storage::Work& work, const Mandate& mandate, const Surroundings& surroundings,
          bool is_rehearsal = false)
      : work_(work),
        mandate_(mandate),
        surroundings_(surroundings),
        now_(surroundings.clock()),
        is_rehearsal_(is_rehearsal) {}

  /// When the change is made; one time for all of it.
  std::int64_t now() const { return now_; }
  std::string next_id() const { return new_id(now_, surroundings_); }

  /// One entry of the feed: what the thing or relation is since, as JSON.
  struct Entry {
    What what;
    std::string_view kind;
    std::string_view id;
    std::string_view after;
  };

  /// Adds both. `event` says what was done to what; who, when and why is filled in here. Errors:
  /// those of `event::write_draft`, and of the store.
  Result<void> add(const Entry& entry, event::Event event);

  /// 0 before anything was added.
  std::uint64_t revision() const { return revision_; }

 private:
  Result<void> take_revision();

  storage::Work& work_;
  const Mandate& mandate_;
  const Surroundings& surroundings_;
  std::int64_t now_;
  bool is_rehearsal_;
  std::uint64_t revision_ = 0;
  std::uint64_t items_ = 0;
};

}  // namespace wardlock::directory
