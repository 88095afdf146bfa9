#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace wardlock::bench {

/// The reads of memory that no decision about two stored entities can do without, and nothing else:
/// for each of the two a word of an index of all, then the line of the record that it leads to.
/// Both are as far spread as a store's: on huge pages, a word and a record for each entity.
class BareReads {
 public:
  BareReads(std::size_t entities, std::size_t bytes_per_entity);
  BareReads(const BareReads&) = delete;
  BareReads& operator=(const BareReads&) = delete;
  ~BareReads();

  /// Reads for each pair of entities what leads to them and what is there, both at once; a pair
  /// after the other, as decisions are made. Returns what only reading it can tell.
  std::uint64_t read(std::span<const std::uint32_t> pairs) const;

 private:
  std::span<std::uint64_t> index_, records_;
  std::size_t words_per_record_;
};

/// So many pairs, drawn uniformly.
std::vector<std::uint32_t> draw_pairs(std::size_t count, std::size_t entities, std::uint64_t seed);

}  // namespace wardlock::bench
