#pragma once

#include <cstddef>
#include <vector>

namespace wardlock::cedar {

/// Memory that is only ever added to, and given back all at once. Large amounts lie on huge pages,
/// since whoever looks up entities at random meets each page anew. Not thread-safe.
class Chunks {
 public:
  Chunks() = default;
  Chunks(const Chunks&) = delete;
  Chunks& operator=(const Chunks&) = delete;
  ~Chunks();

  /// Aligned to 8.
  std::byte* allocate(std::size_t bytes);
  /// What was handed out.
  std::size_t used() const { return used_; }

 private:
  void add_chunk(std::size_t at_least);

  std::vector<std::byte*> chunks_;
  std::byte* next_ = nullptr;
  std::size_t left_ = 0;
  std::size_t used_ = 0;
};

}  // namespace wardlock::cedar
