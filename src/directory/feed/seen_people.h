#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "cedar/value/value.h"
#include "directory/feed/thing_key.h"
#include "directory/model/kind.h"

namespace wardlock::directory {

/// Under which names policies see the people of a directory, and the services and agents that may
/// act for them, for who has an id of theirs and must not wait. Thread-safe: one writes, any read.
class SeenPeople {
 public:
  /// Whether things of that kind are here.
  static bool has(Kind kind) {
    return kind == Kind::kPerson || kind == Kind::kService || kind == Kind::kAgent;
  }

  struct Name {
    std::string type;
    std::string id;

    bool operator==(const Name&) const = default;
  };

  /// Nothing: no person with that id is seen, or by that name only since a later revision than the
  /// one that is asked about: the name may have been another's in it.
  std::optional<Name> find(std::string_view person, std::uint64_t revision) const;

  /// The person is seen so from that revision on. Null: not at all.
  void set(const ThingKey& person, const cedar::EntityUid* name, std::uint64_t revision);

  std::size_t size() const;

 private:
  struct Entry {
    Name name;
    std::uint64_t since = 0;
  };

  mutable std::shared_mutex mutex_;
  std::unordered_map<ThingKey, Entry, ThingKeyHash> people_;
};

}  // namespace wardlock::directory
