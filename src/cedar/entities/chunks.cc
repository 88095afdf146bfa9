#include "cedar/entities/chunks.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstdint>
#include <new>

namespace wardlock::cedar {
namespace {

constexpr std::size_t kAlignment = 8;
constexpr std::size_t kPage = 4096;
constexpr std::size_t kHugePage = std::size_t{2} << 20;
constexpr std::size_t kMostAtOnce = 32 * kHugePage;

constexpr std::size_t round_up(std::size_t bytes, std::size_t unit) {
  return (bytes + unit - 1) / unit * unit;
}

/// Memory that begins at a huge page.
std::byte* map(std::size_t bytes) {
  const std::size_t with_margin = bytes + kHugePage;
  void* whole =
      mmap(nullptr, with_margin, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (whole == MAP_FAILED) throw std::bad_alloc();
  auto* begin = static_cast<std::byte*>(whole);
  const auto address = reinterpret_cast<std::uintptr_t>(whole);
  const std::size_t before = round_up(address, kHugePage) - address;
  if (before != 0) munmap(begin, before);
  if (before != kHugePage) munmap(begin + before + bytes, kHugePage - before);
  // A hint: without it everything works, only slower.
  madvise(begin + before, bytes, MADV_HUGEPAGE);
  return begin + before;
}

}  // namespace

Chunks::~Chunks() {
  for (const Chunk& chunk : chunks_) {
    if (chunk.is_mapped) {
      munmap(chunk.memory, chunk.bytes);
    } else {
      ::operator delete(chunk.memory);
    }
  }
}

std::byte* Chunks::allocate(std::size_t bytes, std::size_t alignment) {
  const auto skipped = [&] {
    const auto address = reinterpret_cast<std::uintptr_t>(next_);
    return round_up(address, alignment) - address;
  };
  const std::size_t rounded = round_up(bytes, kAlignment);
  if (skipped() + rounded > left_) add_chunk(next_size(rounded + alignment));
  const std::size_t before = skipped();
  std::byte* memory = next_ + before;
  next_ = memory + rounded;
  left_ -= before + rounded;
  used_ += before + rounded;
  return memory;
}

void Chunks::complete() {
  is_complete_ = true;
  if (chunks_.empty() || !chunks_.back().is_mapped) return;
  Chunk& last = chunks_.back();
  const std::size_t kept = round_up(last.bytes - left_, kPage);
  if (kept < last.bytes) munmap(last.memory + kept, last.bytes - kept);
  left_ -= last.bytes - kept;
  last.bytes = kept;
}

/// Little is left over: of small chunks since they are small, of large ones since `complete` gives
/// it back.
std::size_t Chunks::next_size(std::size_t at_least) const {
  const std::size_t wanted = is_complete_ ? used_ / 64 : used_ / 8;
  if (is_complete_ || used_ < kHugePage) return std::max({kPage / 4, wanted, at_least});
  return round_up(std::max(std::min(used_, kMostAtOnce), at_least), kHugePage);
}

void Chunks::add_chunk(std::size_t bytes) {
  chunks_.reserve(chunks_.size() + 1);
  const bool is_mapped = bytes % kHugePage == 0;
  next_ = is_mapped ? map(bytes) : static_cast<std::byte*>(::operator new(bytes));
  left_ = bytes;
  chunks_.push_back({next_, bytes, is_mapped});
}

}  // namespace wardlock::cedar
