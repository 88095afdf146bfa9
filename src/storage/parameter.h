#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <variant>

namespace wardlock::storage {

/// A value for a `$1`, `$2` … of a statement: null, integer, text (UTF-8 without NUL) or bytes.
/// Borrows text and bytes.
class Parameter {
 public:
  using Bytes = std::span<const std::uint8_t>;
  using Value = std::variant<std::nullptr_t, std::int64_t, std::string_view, Bytes>;

  // Implicit, so that calls read as what they are: `work.run(sql, name, 3, nullptr)`.
  Parameter(std::nullptr_t) {}
  template <std::integral T>
    requires(sizeof(T) <= sizeof(std::int64_t))
  Parameter(T value) : value_(in_range(value)) {}  ///< a truth value is 0 or 1
  template <std::convertible_to<std::string_view> T>
  Parameter(const T& text) : value_(std::string_view(text)) {}
  Parameter(Bytes bytes) : value_(bytes) {}
  template <typename T>
    requires std::constructible_from<Parameter, const T&>
  Parameter(const std::optional<T>& value) {
    if (value) value_ = Parameter(*value).value_;
  }

  const Value& value() const { return value_; }

 private:
  /// What is beyond a database's integers is the greatest of them, not a negative one.
  template <std::integral T>
  static std::int64_t in_range(T value) {
    constexpr std::uint64_t kMost = std::numeric_limits<std::int64_t>::max();
    if constexpr (std::signed_integral<T>) return value;
    return static_cast<std::int64_t>(std::min<std::uint64_t>(value, kMost));
  }

  Value value_ = nullptr;
};

}  // namespace wardlock::storage
