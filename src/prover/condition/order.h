#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace wardlock::prover {

/// Unknown 64-bit integers and what their differences are bounded by. Exact but for `differ`: an
/// order without integers that fit is told from one with some, as long as no two are said to be
/// different that could only be equal together with others. Not thread-safe.
class Order {
 public:
  using Node = std::size_t;

  /// So many integers.
  explicit Order(std::size_t count);

  /// `a - b <= bound`.
  void bound(Node a, Node b, std::int64_t bound);
  void at_most(Node a, std::int64_t bound);
  void at_least(Node a, std::int64_t bound);
  void differ(Node a, Node b);
  void differ_from(Node a, std::int64_t value);

  /// Draws the conclusions. False: nothing fits.
  bool close();

  /// Chooses for each in turn what is nearest to `wanted`; requires `close` to have been true.
  /// Nothing: what must differ could not be told apart.
  std::optional<std::vector<std::int64_t>> choose(const std::vector<std::int64_t>& wanted);

  /// Between which values it is, after `close`.
  std::pair<std::int64_t, std::int64_t> range(Node a) const;

 private:
  using Wide = __int128;

  Wide& at(Node a, Node b) { return bounds_[(a * size_) + b]; }
  const Wide& at(Node a, Node b) const { return bounds_[(a * size_) + b]; }
  bool contradicts() const;

  struct Difference {
    Node a;
    Node b;
    std::int64_t by;  ///< `a - b` is not this
  };

  std::size_t size_;  ///< the integers, and zero behind them
  std::vector<Wide> bounds_;
  std::vector<Difference> differences_;
};

}  // namespace wardlock::prover
