#include "cedar/entities/chunks.h"

#include <sys/mman.h>

#include <algorithm>
#include <new>

namespace wardlock::cedar {
namespace {

constexpr std::size_t kAlignment = 8;
constexpr std::size_t kFirstChunk = 4096;
constexpr std::size_t kHugePage = std::size_t{2} << 20;
/// A chunk is that part of what is used, so that little is left over.
constexpr std::size_t kPart = 64;

}  // namespace

Chunks::~Chunks() {
  for (std::byte* chunk : chunks_) ::operator delete(chunk, std::align_val_t(kFirstChunk));
}

std::byte* Chunks::allocate(std::size_t bytes) {
  const std::size_t rounded = (bytes + kAlignment - 1) / kAlignment * kAlignment;
  if (rounded > left_) add_chunk(rounded);
  std::byte* memory = next_;
  next_ += rounded;
  left_ -= rounded;
  used_ += rounded;
  return memory;
}

void Chunks::add_chunk(std::size_t at_least) {
  std::size_t bytes = std::max({kFirstChunk, at_least, std::min(used_ / kPart, kHugePage)});
  bytes = (bytes + kFirstChunk - 1) / kFirstChunk * kFirstChunk;
  const bool is_huge = bytes % kHugePage == 0;
  chunks_.reserve(chunks_.size() + 1);
  auto* memory = static_cast<std::byte*>(
      ::operator new(bytes, std::align_val_t(is_huge ? kHugePage : kFirstChunk)));
  // A hint: without it everything works, only slower.
  if (is_huge) madvise(memory, bytes, MADV_HUGEPAGE);
  chunks_.push_back(memory);
  next_ = memory;
  left_ = bytes;
}

}  // namespace wardlock::cedar
