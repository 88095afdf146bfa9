#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "cedar/entities/entity.h"

namespace wardlock::cedar {

/// A name of an attribute, and where it is in lists of names that a store's entities share: there
/// it is found by the address of the list. Elsewhere it is searched for. Borrows the name; requires
/// the lists to live as long, so that no other has their address.
class AttributeName {
 public:
  AttributeName(std::string_view text, std::span<const Names> lists);

  std::string_view text() const { return text_; }

  /// The value, or null.
  const Value* find_in(const EntityFields& fields) const {
    for (std::uint32_t i = 0; i < hint_count_; ++i) {
      if (hints_[i].list == fields.names().data()) return fields.values().data() + hints_[i].place;
    }
    return fields.find(text_);
  }

 private:
  struct Hint {
    const std::string_view* list = nullptr;
    std::uint32_t place = 0;
  };

  std::string_view text_;
  std::uint32_t hint_count_ = 0;
  std::array<Hint, 4> hints_ = {};
};

}  // namespace wardlock::cedar
