#pragma once

#include <initializer_list>
#include <memory_resource>
#include <span>
#include <string_view>
#include <vector>

#include "base/arena.h"

namespace wardlock::pdp {

/// The parts as one text in the arena.
std::string_view join(Arena& arena, std::initializer_list<std::string_view> parts);

/// The texts, each once, in the order in which they first come. In the arena.
std::span<const std::string_view> distinct(Arena& arena, std::span<const std::string_view> texts);

/// What is to be said about a question beside its answer: what was left out of it, and where the
/// directory disagrees. Texts are only made where somebody may read them. Borrows the arena.
class Notes {
 public:
  Notes(Arena& arena, bool are_wanted)
      : arena_(arena), are_wanted_(are_wanted), texts_(arena.resource()) {}

  bool are_wanted() const { return are_wanted_; }
  void add(std::initializer_list<std::string_view> parts) {
    if (are_wanted_) texts_.push_back(join(arena_, parts));
  }
  /// In the arena.
  std::span<const std::string_view> take() const { return arena_.copy(texts_); }

 private:
  Arena& arena_;
  bool are_wanted_;
  std::pmr::vector<std::string_view> texts_;
};

}  // namespace wardlock::pdp
