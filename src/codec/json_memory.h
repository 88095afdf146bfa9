#pragma once

#include <boost/json/memory_resource.hpp>

#include "base/arena.h"

namespace wardlock::codec {

/// Gives a JSON document memory of an arena: it is there as long as the arena keeps it, and ends
/// without being taken apart. Outlives the document.
class JsonMemory final : public boost::json::memory_resource {
 public:
  explicit JsonMemory(Arena& arena) : memory_(arena.resource()) {}

 private:
  void* do_allocate(std::size_t size, std::size_t alignment) override {
    return memory_->allocate(size, alignment);
  }
  void do_deallocate(void*, std::size_t, std::size_t) override {}
  bool do_is_equal(const memory_resource& other) const noexcept override { return this == &other; }

  std::pmr::memory_resource* memory_;
};

}  // namespace wardlock::codec

template <>
struct boost::json::is_deallocate_trivial<wardlock::codec::JsonMemory> {
  static constexpr bool value = true;  // NOLINT(readability-identifier-naming): Boost's name
};
