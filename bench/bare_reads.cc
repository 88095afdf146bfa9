#include "bench/bare_reads.h"

#include <sys/mman.h>

#include <algorithm>
#include <numeric>
#include <random>

#include "base/check.h"

namespace wardlock::bench {
namespace {

std::span<std::uint64_t> map(std::size_t words) {
  constexpr std::size_t kHugePage = std::size_t{2} << 20;
  const std::size_t bytes = (words * 8 + kHugePage - 1) / kHugePage * kHugePage;
  void* memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  CHECK(memory != MAP_FAILED);
  madvise(memory, bytes, MADV_HUGEPAGE);
  return {static_cast<std::uint64_t*>(memory), bytes / 8};
}

}  // namespace

BareReads::BareReads(std::size_t entities, std::size_t bytes_per_entity)
    : index_(map(entities)),
      records_(map(entities * bytes_per_entity / 8)),
      words_per_record_(bytes_per_entity / 8) {
  std::iota(index_.begin(), index_.begin() + static_cast<std::ptrdiff_t>(entities), 0);
  std::ranges::shuffle(index_.first(entities), std::mt19937_64(1));
  // Zeros, which nobody who compiles this knows: what is read is part of where is read next.
  std::ranges::fill(records_, 0);
}

BareReads::~BareReads() {
  munmap(index_.data(), index_.size_bytes());
  munmap(records_.data(), records_.size_bytes());
}

std::uint64_t BareReads::read(std::span<const std::uint32_t> pairs) const {
  std::uint64_t read = 0;
  for (std::size_t i = 0; i + 1 < pairs.size(); i += 2) {
    const std::uint64_t one = index_[pairs[i] + read], other = index_[pairs[i + 1] + read];
    read = records_[one * words_per_record_] + records_[other * words_per_record_];
  }
  return read;
}

std::vector<std::uint32_t> draw_pairs(std::size_t count, std::size_t entities, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<std::uint32_t> pairs(2 * count);
  for (std::uint32_t& each : pairs) each = static_cast<std::uint32_t>(random() % entities);
  return pairs;
}

}  // namespace wardlock::bench
