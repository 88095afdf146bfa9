#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <list>
#include <unordered_map>

#include "event/sealed_record.h"

namespace wardlock::audit {

/// 16 bytes that nobody outside can choose: a random id, or a hash under a secret key.
using RandomName = std::array<std::uint8_t, 16>;

/// The keys that were used last, in memory, zeroed when they leave it. Not thread-safe.
class KeyCache {
 public:
  /// `most` is at least 1.
  explicit KeyCache(std::size_t most) : most_(most) {}

  /// Null: not here. Valid until the next change.
  const event::SubjectKey* find(const RandomName& name);
  void put(const RandomName& name, const event::SubjectKey& key);
  void remove(const RandomName& name);
  void clear();

  std::size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    RandomName name;
    event::SubjectKey key;
  };
  struct Hash {
    std::size_t operator()(const RandomName& name) const;
  };

  std::size_t most_;
  std::list<Entry> entries_;  // the last used first
  std::unordered_map<RandomName, std::list<Entry>::iterator, Hash> places_;
};

}  // namespace wardlock::audit
