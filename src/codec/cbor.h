#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include "base/error.h"

namespace wardlock::codec {

struct CborMember;

/// A data item of CBOR (RFC 8949) of the kinds that COSE and WebAuthn use. Texts and byte strings
/// borrow from what was read.
class Cbor {
 public:
  struct Bytes {
    std::string_view bytes;
    bool operator==(const Bytes&) const = default;
  };
  using Array = std::vector<Cbor>;
  using Map = std::vector<CborMember>;
  using Value =
      std::variant<std::monostate, bool, std::int64_t, std::string_view, Bytes, Array, Map>;

  Cbor();  ///< null
  explicit Cbor(Value value);
  Cbor(const Cbor& other);
  Cbor(Cbor&& other) noexcept;
  Cbor& operator=(const Cbor& other);
  Cbor& operator=(Cbor&& other) noexcept;
  ~Cbor();

  bool is_null() const;
  /// Nothing, or a null pointer, where the item is of another kind.
  std::optional<bool> boolean() const;
  std::optional<std::int64_t> integer() const;
  std::optional<std::string_view> text() const;
  std::optional<std::string_view> bytes() const;
  const Array* array() const;
  const Map* map() const;

  /// The member of that name, where this is a map that has one.
  const Cbor* find(std::string_view name) const;
  const Cbor* find(std::int64_t label) const;

 private:
  Value value_;
};

struct CborMember {
  Cbor key;  ///< a text or an integer
  Cbor value;
};

struct CborLimits {
  std::size_t max_bytes = std::size_t{64} << 10;
  std::size_t max_depth = 8;       ///< nesting of arrays and maps
  std::size_t max_members = 64;    ///< of one map
  std::size_t max_elements = 256;  ///< of one array
};

/// Reads one item that is the whole of `bytes`. Strict: definite lengths and shortest forms (RFC
/// 8949, 4.2.1) in any order of keys, valid UTF-8, no key twice, nothing after it; no tags, no
/// floats, no simple values but false, true and null, no integers beyond 64 bits with sign. What is
/// returned borrows from `bytes`. The message of an error ends with the byte it is about.
Result<Cbor> parse_cbor(std::string_view bytes, const CborLimits& limits = {});

/// An item that others may follow.
struct CborItem {
  Cbor value;
  std::size_t size = 0;  ///< so many bytes were its own
};
Result<CborItem> parse_cbor_item(std::string_view bytes, const CborLimits& limits = {});

}  // namespace wardlock::codec
