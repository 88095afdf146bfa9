#pragma once

#include <cstddef>
#include <cstring>
#include <memory_resource>
#include <new>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>

namespace wardlock {

/// Owns immutable objects that live and die together: a policy's expressions, an entity's
/// attributes, the temporaries of one evaluation. Only trivially destructible types go in.
///
/// What it returns stays valid, at the same address, until the arena is destroyed (or `reset`).
/// Not thread-safe while allocating; what was allocated may be read by any thread.
class Arena {
 public:
  explicit Arena(std::size_t first_block_bytes = 1024) : memory_(first_block_bytes) {}
  /// Begins in a buffer of the caller's, which must outlive the arena.
  explicit Arena(std::span<std::byte> buffer) : memory_(buffer.data(), buffer.size()) {}
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  template <typename T, typename... Args>
  T* make(Args&&... args) {
    static_assert(std::is_trivially_destructible_v<T>);
    return new (memory_.allocate(sizeof(T), alignof(T))) T{std::forward<Args>(args)...};
  }

  /// An array to be filled by the caller.
  template <typename T>
  std::span<T> allocate(std::size_t count) {
    static_assert(std::is_trivially_destructible_v<T> && std::is_trivially_copyable_v<T>);
    if (count == 0) return {};
    return {static_cast<T*>(memory_.allocate(sizeof(T) * count, alignof(T))), count};
  }

  /// A copy of a contiguous range (a span, a vector).
  template <typename Range>
  auto copy(const Range& range) {
    using T = std::remove_cvref_t<decltype(*range.data())>;
    std::span<T> out = allocate<T>(range.size());
    if (!out.empty()) std::memcpy(static_cast<void*>(out.data()), range.data(), out.size_bytes());
    return std::span<const T>(out);
  }

  std::string_view copy(std::string_view text) {
    std::span<char> out = allocate<char>(text.size());
    if (!out.empty()) std::memcpy(out.data(), text.data(), text.size());
    return {out.data(), out.size()};
  }

  /// For containers that live no longer: `std::pmr::vector<T>(arena.resource())`.
  std::pmr::memory_resource* resource() { return &memory_; }

  /// Forgets everything. What was handed out is invalid from here on.
  void reset() { memory_.release(); }

 private:
  std::pmr::monotonic_buffer_resource memory_;
};

}  // namespace wardlock
