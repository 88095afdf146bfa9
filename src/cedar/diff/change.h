#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "codec/json.h"

namespace wardlock::cedar {

enum class ChangeKind : std::uint8_t {
  kAdded,
  kRemoved,
  kChanged,
  kRenamed,  ///< of a policy: nothing but its id is another
};

/// `added`, `removed`, `changed`, `renamed`.
std::string_view to_string(ChangeKind kind);

/// One part that is not as it was. Without `before` it is new, without `after` it is gone.
struct PartChange {
  /// Which part, in words: `effect`, `@reason`, `principal`, `when`, `attribute name`, …
  std::string part = {};
  std::optional<std::string> before = {};
  std::optional<std::string> after = {};

  bool operator==(const PartChange&) const = default;
};

/// A part as it is written: its name and its text.
struct WrittenPart {
  std::string name;
  std::string text;

  bool operator==(const WrittenPart&) const = default;
};

/// Adds what differs in two lists of parts. Requires each to be sorted by name, no name twice.
void diff_named(std::span<const WrittenPart> before, std::span<const WrittenPart> after,
                std::vector<PartChange>& changes);

/// `{"part", "before", "after"}`; what is absent is left out.
codec::Json to_json(const PartChange& change);

/// For people: the part's name, and below it what was (`-`) and what is (`+`); indented.
std::string to_text(const PartChange& change);

/// `+`, `-`, `~` and `=`: what a line about such a change begins with.
char sign_of(ChangeKind kind);

}  // namespace wardlock::cedar
