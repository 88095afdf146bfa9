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

  /// `alignment`: a power of two, at least 8.
  std::byte* allocate(std::size_t bytes, std::size_t alignment = 8);
  /// Says that little will be added from here on: what is left over is given back.
  void complete();
  /// What was handed out.
  std::size_t used() const { return used_; }

 private:
  struct Chunk {
    std::byte* memory;
    std::size_t bytes;
    bool is_mapped;
  };

  std::size_t next_size(std::size_t at_least) const;
  void add_chunk(std::size_t bytes);

  std::vector<Chunk> chunks_;
  std::byte* next_ = nullptr;
  std::size_t left_ = 0;
  std::size_t used_ = 0;
  bool is_complete_ = false;
};

}  // namespace wardlock::cedar
