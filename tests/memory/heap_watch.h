#pragma once

#include <cstddef>
#include <string>

namespace wardlock {

/// Counts what one thread takes from the heap: every call of malloc and its kin, and so of operator
/// new, in whatever library. The rest of the process goes uncounted.
class HeapWatch {
 public:
  /// From here on the calling thread is the one.
  static void watch_this_thread();

  /// Counts while it lives.
  HeapWatch();
  ~HeapWatch();
  HeapWatch(const HeapWatch&) = delete;
  HeapWatch& operator=(const HeapWatch&) = delete;

  std::size_t count() const;
  /// Who called for the first of them, a line each.
  std::string first() const;
};

}  // namespace wardlock
