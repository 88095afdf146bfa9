#include "cedar/value/value.h"

#include <algorithm>
#include <vector>

#include "crypto/seeded_hash.h"

namespace wardlock::cedar {
namespace {

std::strong_ordering compare_sets(std::span<const Value> a, std::span<const Value> b) {
  return std::lexicographical_compare_three_way(a.begin(), a.end(), b.begin(), b.end(), compare);
}

std::strong_ordering compare_fields(const Field& a, const Field& b) {
  if (const auto by_name = a.name <=> b.name; by_name != 0) return by_name;
  return compare(a.value, b.value);
}

bool less(const Value& a, const Value& b) { return compare(a, b) < 0; }

}  // namespace

std::size_t hash_uid(std::string_view type, std::string_view id) {
  return crypto::seeded_hash(id) ^ (crypto::seeded_hash(type) * 0x9E3779B97F4A7C15U);
}

const EntityUid* make_uid(Arena& arena, std::string_view type, std::string_view id) {
  return arena.make<EntityUid>(arena.copy(type), arena.copy(id), hash_uid(type, id));
}

std::string_view to_string(Kind kind) {
  switch (kind) {
    case Kind::kBool: return "bool";
    case Kind::kLong: return "long";
    case Kind::kString: return "string";
    case Kind::kEntity: return "entity";
    case Kind::kSet: return "set";
    case Kind::kRecord: return "record";
    case Kind::kDecimal: return "decimal";
    case Kind::kDatetime: return "datetime";
    case Kind::kDuration: return "duration";
    case Kind::kIp: return "ipaddr";
  }
  return "unknown";
}

bool operator==(const Value& a, const Value& b) {
  if (a.kind() != b.kind()) return false;
  switch (a.kind()) {
    case Kind::kBool:
    case Kind::kLong:
    case Kind::kDecimal:
    case Kind::kDatetime:
    case Kind::kDuration: return a.number_ == b.number_;
    case Kind::kString: return a.as_string() == b.as_string();
    case Kind::kEntity: return a.may_be_entity(b) && a.as_entity() == b.as_entity();
    case Kind::kIp: return a.as_ip() == b.as_ip();
    case Kind::kSet: return std::ranges::equal(a.as_set(), b.as_set());
    case Kind::kRecord:
      return std::ranges::equal(a.as_record(), b.as_record(), [](const Field& x, const Field& y) {
        return x.name == y.name && x.value == y.value;
      });
  }
  return false;
}

std::strong_ordering compare(const Value& a, const Value& b) {
  if (a.kind() != b.kind()) return a.kind() <=> b.kind();
  switch (a.kind()) {
    case Kind::kBool: return a.as_bool() <=> b.as_bool();
    case Kind::kLong: return a.as_long() <=> b.as_long();
    case Kind::kDecimal:
    case Kind::kDatetime:
    case Kind::kDuration: return a.as_scaled() <=> b.as_scaled();
    case Kind::kString: return a.as_string() <=> b.as_string();
    case Kind::kEntity: return a.as_entity() <=> b.as_entity();
    case Kind::kIp: return a.as_ip() <=> b.as_ip();
    case Kind::kSet: return compare_sets(a.as_set(), b.as_set());
    case Kind::kRecord: {
      const auto x = a.as_record(), y = b.as_record();
      return std::lexicographical_compare_three_way(x.begin(), x.end(), y.begin(), y.end(),
                                                    compare_fields);
    }
  }
  return std::strong_ordering::equal;
}

Value make_set(Arena& arena, std::span<Value> members) {
  std::ranges::sort(members, less);
  const auto duplicates = std::ranges::unique(members);
  return Value::set(arena.copy(members.first(members.size() - duplicates.size())));
}

Value make_record(Arena& arena, std::span<Field> fields) {
  // As they mostly come already.
  if (!std::ranges::is_sorted(fields, {}, &Field::name)) {
    std::ranges::sort(fields, {}, &Field::name);
  }
  return Value::record(arena.copy(fields));
}

const Value* find_field(std::span<const Field> fields, std::string_view name) {
  constexpr std::size_t kLinearUpTo = 8;
  if (fields.size() <= kLinearUpTo) {
    for (const Field& field : fields) {
      if (field.name == name) return &field.value;
    }
    return nullptr;
  }
  const auto it = std::ranges::lower_bound(fields, name, {}, &Field::name);
  return it != fields.end() && it->name == name ? &it->value : nullptr;
}

bool contains(std::span<const Value> set, const Value& member) {
  constexpr std::size_t kLinearUpTo = 8;
  if (set.size() <= kLinearUpTo) return std::ranges::find(set, member) != set.end();
  return std::ranges::binary_search(set, member, less);
}

}  // namespace wardlock::cedar
