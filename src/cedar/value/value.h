#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/arena.h"
#include "base/check.h"

namespace wardlock::cedar {

/// An entity's identity, `Type::"id"`. Lives in an arena; `hash` is computed once, so that unequal
/// uids are told apart without reading their text.
struct EntityUid {
  std::string_view type;  ///< full name, e.g. `Hospital::Physician`
  std::string_view id;
  std::size_t hash;

  friend bool operator==(const EntityUid& a, const EntityUid& b) {
    return &a == &b || (a.hash == b.hash && a.id == b.id && a.type == b.type);
  }
  friend std::strong_ordering operator<=>(const EntityUid& a, const EntityUid& b) {
    if (const auto by_type = a.type <=> b.type; by_type != 0) return by_type;
    return a.id <=> b.id;
  }
};

/// For hash tables keyed by uids that live elsewhere.
struct UidHash {
  std::size_t operator()(const EntityUid* uid) const { return uid->hash; }
};
struct UidEqual {
  bool operator()(const EntityUid* a, const EntityUid* b) const { return *a == *b; }
};

std::size_t hash_uid(std::string_view type, std::string_view id);

/// A uid with both texts copied into `arena`.
const EntityUid* make_uid(Arena& arena, std::string_view type, std::string_view id);

/// An IPv4 or IPv6 address with a prefix length. Equality includes host bits and prefix.
struct IpAddress {
  std::array<std::uint8_t, 16> bytes;  ///< network order; IPv4 uses the first four
  std::uint8_t prefix;
  bool is_v6;

  friend auto operator<=>(const IpAddress&, const IpAddress&) = default;
};

enum class Kind : std::uint8_t {
  kBool,
  kLong,
  kString,
  kEntity,
  kSet,
  kRecord,
  kDecimal,   ///< ten-thousandths
  kDatetime,  ///< milliseconds since 1970-01-01T00:00:00Z
  kDuration,  ///< milliseconds
  kIp,
};

/// The type's name as messages give it, e.g. `long`.
std::string_view to_string(Kind kind);

struct Field;

/// A Cedar value: 16 bytes, copied freely, borrowing what it points to from an arena (a policy's,
/// an entity's, a request's or an evaluation's), which must outlive it.
///
/// INVARIANT: a set is sorted by `compare` and holds no duplicates; a record is sorted by field
/// name and no name occurs twice. `make_set` and `make_record` see to it.
class Value {
 public:
  static Value boolean(bool b) { return Value(Kind::kBool, b ? 1 : 0); }
  static Value integer(std::int64_t n) { return Value(Kind::kLong, n); }
  static Value string(std::string_view text) {
    return Value(Kind::kString, text.data(), text.size());
  }
  static Value entity(const EntityUid* uid) { return Value(Kind::kEntity, uid, uid->hash >> 32); }
  static Value decimal(std::int64_t ten_thousandths) {
    return Value(Kind::kDecimal, ten_thousandths);
  }
  static Value datetime(std::int64_t epoch_ms) { return Value(Kind::kDatetime, epoch_ms); }
  static Value duration(std::int64_t ms) { return Value(Kind::kDuration, ms); }
  static Value ip(const IpAddress* address) { return Value(Kind::kIp, address, 0); }
  static Value set(std::span<const Value> sorted) {
    return Value(Kind::kSet, sorted.data(), sorted.size());
  }
  static Value record(std::span<const Field> sorted);

  Kind kind() const { return kind_; }
  bool is(Kind kind) const { return kind_ == kind; }

  /// Each requires the value to be of its kind.
  bool as_bool() const { return CHECK(is(Kind::kBool)), number_ != 0; }
  std::int64_t as_long() const { return CHECK(is(Kind::kLong)), number_; }
  std::string_view as_string() const {
    return CHECK(is(Kind::kString)), std::string_view(static_cast<const char*>(pointer_), size_);
  }
  const EntityUid& as_entity() const {
    return CHECK(is(Kind::kEntity)), *static_cast<const EntityUid*>(pointer_);
  }
  /// Whether both, which must be entities, may be the same one: if not, neither uid was read to
  /// know it.
  bool may_be_entity(const Value& other) const {
    return CHECK(is(Kind::kEntity)), size_ == other.size_;
  }
  const IpAddress& as_ip() const {
    return CHECK(is(Kind::kIp)), *static_cast<const IpAddress*>(pointer_);
  }
  std::span<const Value> as_set() const {
    return CHECK(is(Kind::kSet)), std::span(static_cast<const Value*>(pointer_), size_);
  }
  std::span<const Field> as_record() const;
  /// The number inside a decimal, datetime or duration.
  std::int64_t as_scaled() const {
    return CHECK(is(Kind::kDecimal) || is(Kind::kDatetime) || is(Kind::kDuration)), number_;
  }

  /// Cedar's `==`: values of different kinds are unequal.
  friend bool operator==(const Value& a, const Value& b);

 private:
  Value(Kind kind, std::int64_t number) : kind_(kind), size_(0), number_(number) {}
  Value(Kind kind, const void* pointer, std::size_t size)
      : kind_(kind), size_(static_cast<std::uint32_t>(size)), pointer_(pointer) {}

  Kind kind_;
  std::uint32_t size_;  ///< of an entity: half of its hash
  union {
    std::int64_t number_;
    const void* pointer_;
  };
};
static_assert(sizeof(Value) == 16);

/// A record's field, an entity's attribute or tag.
struct Field {
  std::string_view name;
  Value value;
};

inline Value Value::record(std::span<const Field> sorted) {
  return Value(Kind::kRecord, sorted.data(), sorted.size());
}
inline std::span<const Field> Value::as_record() const {
  return CHECK(is(Kind::kRecord)), std::span(static_cast<const Field*>(pointer_), size_);
}

/// A total order over all values, by kind first. It is ours (Cedar orders only numbers and times)
/// and serves to keep sets canonical.
std::strong_ordering compare(const Value& a, const Value& b);

/// Sorts and deduplicates `members` in place and copies them into `arena`.
Value make_set(Arena& arena, std::span<Value> members);

/// Sorts `fields` in place and copies the array into `arena`. Requires distinct names: callers
/// reject duplicates first, since what to say about them depends on where they came from.
Value make_record(Arena& arena, std::span<Field> fields);

/// The field's value, or null. `fields` must be sorted by name.
const Value* find_field(std::span<const Field> fields, std::string_view name);

/// Membership by `==`.
bool contains(std::span<const Value> set, const Value& member);

/// The value as Cedar expression text, e.g. `[User::"alice", decimal("1.5")]`.
std::string to_text(const Value& value);
std::string to_text(const EntityUid& uid);

/// A string as a Cedar literal, quotes included.
std::string quote(std::string_view text);

}  // namespace wardlock::cedar
