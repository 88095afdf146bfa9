#include "prover/condition/order.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace wardlock::prover {
namespace {

constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();

}  // namespace

Order::Order(std::size_t count) : size_(count + 1), bounds_(size_ * size_) {
  // Whatever is not bounded otherwise: two 64-bit integers are no further apart.
  constexpr Wide kFar = Wide{kMax} - Wide{kMin};
  std::ranges::fill(bounds_, kFar);
  for (Node node = 0; node < count; ++node) {
    at(node, count) = kMax;
    at(count, node) = -Wide{kMin};
  }
  for (Node node = 0; node < size_; ++node) at(node, node) = 0;
}

void Order::bound(Node a, Node b, std::int64_t bound) {
  at(a, b) = std::min(at(a, b), Wide{bound});
}
void Order::at_most(Node a, std::int64_t value) { bound(a, size_ - 1, value); }
void Order::at_least(Node a, std::int64_t value) {
  at(size_ - 1, a) = std::min(at(size_ - 1, a), -Wide{value});
}
void Order::differ(Node a, Node b) { differences_.push_back({a, b, 0}); }
void Order::differ_from(Node a, std::int64_t value) {
  differences_.push_back({a, size_ - 1, value});
}

bool Order::contradicts() const {
  for (Node node = 0; node < size_; ++node) {
    if (at(node, node) < 0) return true;
  }
  return std::ranges::any_of(differences_, [&](const Difference& each) {
    return at(each.a, each.b) == each.by && at(each.b, each.a) == -Wide{each.by};
  });
}

bool Order::close() {
  for (Node by = 0; by < size_; ++by) {
    for (Node a = 0; a < size_; ++a) {
      for (Node b = 0; b < size_; ++b) at(a, b) = std::min(at(a, b), at(a, by) + at(by, b));
    }
    // Bounds stay small: what contradicts itself would go on falling.
    if (contradicts()) return false;
  }
  return !contradicts();
}

std::pair<std::int64_t, std::int64_t> Order::range(Node a) const {
  return {static_cast<std::int64_t>(-at(size_ - 1, a)),
          static_cast<std::int64_t>(at(a, size_ - 1))};
}

std::optional<std::vector<std::int64_t>> Order::choose(const std::vector<std::int64_t>& wanted) {
  constexpr int kTries = 64;
  std::vector<std::int64_t> chosen(size_ - 1);
  for (Node node = 0; node + 1 < size_; ++node) {
    const auto [low, high] = range(node);
    const std::int64_t nearest = std::clamp(wanted[node], low, high);
    const Order before = *this;
    bool is_done = false;
    for (int step = 0; step < kTries && !is_done; ++step) {
      const Wide shift = step % 2 == 0 ? Wide{step / 2} : -Wide{(step + 1) / 2};
      const Wide value = nearest + shift;
      if (value < low || value > high) continue;
      chosen[node] = static_cast<std::int64_t>(value);
      at_most(node, chosen[node]);
      at_least(node, chosen[node]);
      is_done = close();
      if (!is_done) *this = before;
    }
    if (!is_done) return std::nullopt;
  }
  return chosen;
}

}  // namespace wardlock::prover
