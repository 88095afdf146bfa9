#include "cedar/evaluator/value_operations.h"

#include <algorithm>
#include <bit>
#include <compare>
#include <cstdint>
#include <cstring>

namespace wardlock::cedar {
namespace {

constexpr std::size_t kTextPerStep = 64;

std::size_t text_size(const Value& value) {
  if (value.is(Kind::kString)) return value.as_string().size();
  if (value.is(Kind::kEntity)) return value.as_entity().type.size() + value.as_entity().id.size();
  return 0;
}

bool equal_text(std::string_view a, std::string_view b, StepBudget& budget) {
  return a.size() == b.size() && budget.take(a.size() / kTextPerStep) && a == b;
}

bool equal_sets(std::span<const Value> a, std::span<const Value> b, StepBudget& budget) {
  if (a.size() != b.size() || !budget.take(a.size())) return false;
  if (a.data() == b.data()) return true;
  return std::ranges::equal(a, b,
                            [&](const Value& x, const Value& y) { return equal(x, y, budget); });
}

bool equal_records(std::span<const Field> a, std::span<const Field> b, StepBudget& budget) {
  if (a.size() != b.size() || !budget.take(a.size())) return false;
  if (a.data() == b.data()) return true;
  return std::ranges::equal(a, b, [&](const Field& x, const Field& y) {
    return equal_text(x.name, y.name, budget) && equal(x.value, y.value, budget);
  });
}

/// How many steps a comparison with the value may take, at most; counted only up to the limit.
std::uint64_t weight(const Value& value, std::uint64_t limit) {
  std::uint64_t sum = 1 + text_size(value) / kTextPerStep;
  if (value.is(Kind::kSet)) {
    for (const Value& member : value.as_set()) {
      if (sum > limit) break;
      sum += weight(member, limit - sum);
    }
  }
  if (value.is(Kind::kRecord)) {
    for (const Field& field : value.as_record()) {
      if (sum > limit) break;
      sum += 1 + weight(field.value, limit - sum);
    }
  }
  return sum;
}

std::strong_ordering order(const Value& a, const Value& b, StepBudget& budget);

/// By the first members that differ. `each` gives the order of two of them.
template <typename T, typename Each>
std::strong_ordering order_lists(std::span<const T> a, std::span<const T> b, StepBudget& budget,
                                 Each each) {
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
    if (!budget.take()) return std::strong_ordering::equal;
    if (const auto ordered = each(a[i], b[i]); ordered != 0) return ordered;
  }
  return a.size() <=> b.size();
}

/// `compare`, but for the budget.
std::strong_ordering order(const Value& a, const Value& b, StepBudget& budget) {
  if (a.kind() == b.kind() && a.is(Kind::kSet)) {
    return order_lists(a.as_set(), b.as_set(), budget,
                       [&](const Value& x, const Value& y) { return order(x, y, budget); });
  }
  if (a.kind() == b.kind() && a.is(Kind::kRecord)) {
    return order_lists(a.as_record(), b.as_record(), budget, [&](const Field& x, const Field& y) {
      const auto by_name = x.name <=> y.name;
      return by_name != 0 ? by_name : order(x.value, y.value, budget);
    });
  }
  return budget.take(1 + std::min(text_size(a), text_size(b)) / kTextPerStep)
             ? compare(a, b)
             : std::strong_ordering::equal;
}

/// The order of sets.
auto less_within(StepBudget& budget) {
  return [&](const Value& a, const Value& b) { return order(a, b, budget) < 0; };
}

/// Where `segment` first is in `text`. The library's search of short texts is quick and quadratic;
/// memmem is linear whatever they hold.
std::size_t find_segment(std::string_view text, std::string_view segment) {
  constexpr std::size_t kQuadraticUpTo = 4096;
  if (text.size() * segment.size() <= kQuadraticUpTo) return text.find(segment);
  const void* found = ::memmem(text.data(), text.size(), segment.data(), segment.size());
  if (found == nullptr) return std::string_view::npos;
  return static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
}

}  // namespace

bool equal(const Value& a, const Value& b, StepBudget& budget) {
  if (a.kind() != b.kind()) return false;
  switch (a.kind()) {
    case Kind::kString: return equal_text(a.as_string(), b.as_string(), budget);
    case Kind::kEntity:
      // Others are mostly told apart without waiting for the memory of their uids.
      if (!a.may_be_entity(b)) return false;
      return budget.take(text_size(a) / kTextPerStep) && a == b;
    case Kind::kSet: return equal_sets(a.as_set(), b.as_set(), budget);
    case Kind::kRecord: return equal_records(a.as_record(), b.as_record(), budget);
    default: return a == b;
  }
}

bool contains(std::span<const Value> set, const Value& member, StepBudget& budget) {
  constexpr std::size_t kLinearUpTo = 8;
  if (set.size() > kLinearUpTo) return std::ranges::binary_search(set, member, less_within(budget));
  return budget.take(set.size()) &&
         std::ranges::any_of(set, [&](const Value& own) { return equal(own, member, budget); });
}

bool contains_all(std::span<const Value> set, std::span<const Value> members, StepBudget& budget) {
  if (members.size() > set.size()) return false;
  if (members.size() * std::bit_width(set.size()) < set.size()) {
    return std::ranges::all_of(members,
                               [&](const Value& member) { return contains(set, member, budget); });
  }
  return std::ranges::includes(set, members, less_within(budget));
}

bool contains_any(std::span<const Value> set, std::span<const Value> members, StepBudget& budget) {
  if (members.size() > set.size()) std::swap(set, members);
  if (members.size() * std::bit_width(set.size()) < set.size()) {
    return std::ranges::any_of(members,
                               [&](const Value& member) { return contains(set, member, budget); });
  }
  const auto less = less_within(budget);
  for (auto own = set.begin(), other = members.begin();
       own != set.end() && other != members.end() && !budget.is_used_up();) {
    if (less(*own, *other)) {
      ++own;
    } else if (less(*other, *own)) {
      ++other;
    } else {
      return true;
    }
  }
  return false;
}

Value make_set(Arena& arena, std::span<Value> members, StepBudget& budget) {
  // Beforehand, since a sort may not be stopped. It compares each member about twice at each of its
  // levels.
  const auto levels = static_cast<std::uint64_t>(std::bit_width(members.size()));
  for (const Value& member : members) {
    if (!budget.take(levels * weight(member, StepBudget::kDefault))) return Value::set({});
  }
  return make_set(arena, members);
}

bool is_like(std::string_view text, std::span<const std::string_view> segments,
             StepBudget& budget) {
  if (!budget.take(segments.size() + text.size() / kTextPerStep)) return false;
  const std::string_view first = segments.front(), last = segments.back();
  if (segments.size() == 1) return text == first;
  if (text.size() < first.size() + last.size()) return false;
  if (!text.starts_with(first) || !text.ends_with(last)) return false;
  text = text.substr(first.size(), text.size() - first.size() - last.size());
  // The leftmost match of each segment leaves most for those that follow.
  for (const std::string_view segment : segments.subspan(1, segments.size() - 2)) {
    const std::size_t found = find_segment(text, segment);
    if (found == std::string_view::npos) return false;
    text.remove_prefix(found + segment.size());
  }
  return true;
}

}  // namespace wardlock::cedar
