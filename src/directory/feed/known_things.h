#pragma once

#include <cstddef>
#include <set>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/arena.h"
#include "cedar/value/value.h"
#include "crypto/seeded_hash.h"
#include "directory/feed/thing_key.h"

namespace wardlock::directory {

/// Under which names policies know the things of a directory. A name is one thing's: of all that
/// claim it, the one with the smallest id, which was entered first; so it is on every node,
/// whatever each has seen before. Not thread-safe.
class KnownThings {
 public:
  struct Known {
    const cedar::EntityUid* uid = nullptr;       ///< its name; null: it has none
    const cedar::EntityUid* shown_as = nullptr;  ///< as what it is among the entities
    bool is_seen = false;                        ///< others' attributes and parents may lead to it
  };

  /// Null: nothing is known of it.
  const Known* find(const ThingKey& thing) const;
  /// The name of a thing that is seen; null: it is not.
  const cedar::EntityUid* seen(const ThingKey& thing) const;

  /// The thing claims that name, in the place of one that it claimed. False: another has it, and
  /// this one waits for it without a name.
  bool name(const ThingKey& thing, std::string_view type, std::string_view id);
  /// Whether it claims a name that another has.
  bool is_waiting(const ThingKey& thing) const { return waiting_.contains(thing); }
  /// It claims no name.
  void take_name(const ThingKey& thing);
  /// Things whose name is another's since, or is free for them: they are to be named anew. Each is
  /// told once.
  std::vector<ThingKey> take_affected() { return std::exchange(affected_, {}); }
  void set_seen(const ThingKey& thing, bool is_seen);
  void set_shown_as(const ThingKey& thing, const cedar::EntityUid* uid);

  std::size_t size() const { return things_.size(); }

  /// What is changed from here on is remembered, until `keep` or `undo`.
  void begin();
  void keep() { is_noting_ = false; }
  /// As it was when it began.
  void undo();

 private:
  using Things = std::unordered_map<ThingKey, Known, ThingKeyHash>;
  using Uid = const cedar::EntityUid*;

  void note(const ThingKey& thing);
  void wait_for(const ThingKey& thing, Uid uid);
  void stop_waiting(const ThingKey& thing);
  void drop_if_empty(Things::iterator it);
  const cedar::EntityUid* make(std::string_view type, std::string_view id, std::size_t hash);

  Arena arena_{std::size_t{64} << 10};  ///< of the names; those that were changed stay
  std::unordered_set<std::string_view, crypto::SeededHash> types_;
  Things things_;
  std::unordered_map<Uid, ThingKey, cedar::UidHash, cedar::UidEqual> owners_;
  std::unordered_map<ThingKey, Uid, ThingKeyHash> waiting_;  ///< for a name that another has
  std::unordered_map<Uid, std::set<ThingKey>, cedar::UidHash, cedar::UidEqual> queues_;
  std::vector<ThingKey> affected_;
  bool is_noting_ = false;
  struct Note {
    ThingKey thing;
    Known known;
    Uid waits_for;
  };
  std::vector<Note> notes_;  ///< as they were before each change
};

}  // namespace wardlock::directory
