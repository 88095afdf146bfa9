#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "base/error.h"

namespace wardlock::cedar {

/// Where in a JSON document or a value we are, for messages: a chain of steps from the innermost
/// place to the root, kept on the stack of the functions that read. Borrows its parent and its key.
class JsonPath {
 public:
  constexpr JsonPath() = default;
  /// Begins with `root` instead of `$`, e.g. `context`.
  constexpr explicit JsonPath(std::string_view root) : key_(root) {}
  constexpr JsonPath(const JsonPath& parent, std::string_view key) : parent_(&parent), key_(key) {}
  constexpr JsonPath(const JsonPath& parent, std::size_t index)
      : parent_(&parent), index_(index), is_index_(true) {}
  /// Some member of a set, which has no order: `[*]`.
  static constexpr JsonPath member_of(const JsonPath& parent) { return {parent, kAnyMember}; }
  JsonPath(const JsonPath&) = delete;
  JsonPath& operator=(const JsonPath&) = delete;

  /// As RFC 9535 writes it, e.g. `$.conditions[0].body["&&"].left`. Of a very long path only the
  /// innermost steps.
  std::string text() const;

  /// An error about this place.
  std::unexpected<Error> invalid(std::string_view message) const;

 private:
  static constexpr std::size_t kAnyMember = SIZE_MAX;

  const JsonPath* parent_ = nullptr;
  std::string_view key_ = "$";
  std::size_t index_ = 0;
  bool is_index_ = false;
};

}  // namespace wardlock::cedar
