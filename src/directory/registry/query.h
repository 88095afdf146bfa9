#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "directory/model/relation.h"
#include "directory/registry/thing.h"

namespace wardlock::directory {

/// How a value is compared (RFC 7644 §3.4.2.2). Texts without regard to case, where it does not
/// count; `kStartsWith` and the like are for texts, what is greater or less for all but truth
/// values.
enum class Comparison : std::uint8_t {
  kEqual,
  kNotEqual,  ///< none of its values is equal
  kContains,
  kStartsWith,
  kEndsWith,
  kGreater,
  kGreaterOrEqual,
  kLess,
  kLessOrEqual,
  kPresent,  ///< it has a value
};

using Operand = std::variant<std::monostate, std::string, std::int64_t, bool>;

/// One of the values at the path compares so with the operand. The path is that of a searchable
/// attribute, such as `userName` or `emails.value`, or (unless an attribute has that name) `id`,
/// `state`, `version`, `createdAt`, `changedAt`. Times are texts of RFC 3339.
struct Condition {
  std::string path;
  Comparison comparison = Comparison::kPresent;
  Operand operand = {};
};

/// The thing stands so to the other one now.
struct Related {
  Relation relation;
  bool is_subject = true;  ///< the thing is the subject; false: the object
  std::string other;
};

/// Which things are wanted.
struct Filter {
  enum class Connective : std::uint8_t {
    kAll,   ///< each of the parts holds; with none: everything
    kAny,   ///< one of them holds
    kNone,  ///< none of them holds
    /// One item of the list at `path` is such that all parts, conditions on its members by their
    /// own names, hold (RFC 7644: `emails[type eq "work"]`).
    kItem,
  };
  using Part = std::variant<Condition, Related, Filter>;

  Connective connective = Connective::kAll;
  std::string path = {};
  std::vector<Part> parts = {};
};

/// What a filter may have, so that no question takes the database for itself.
inline constexpr std::size_t kMaxFilterParts = 100;
inline constexpr std::size_t kMaxFilterDepth = 20;
/// A step within the items of a list counts as so many: it becomes queries within queries, of which
/// SQLite's parser takes but a few.
inline constexpr std::size_t kItemDepth = 5;
inline constexpr std::size_t kMaxPageSize = 1000;

/// A page of a list.
struct Query {
  Filter filter = {};
  /// The path of a searchable attribute, by its first value; those without one come last. Empty:
  /// by id, which is by when they were entered.
  std::string sort_by = {};
  bool is_descending = false;
  std::string cursor = {};  ///< the one of the page before; empty: the first page
  std::uint64_t skip = 0;   ///< so many of what would come
  std::size_t count = 100;  ///< at most so many; 0: none, for the total alone
  bool wants_total = false;
};

struct Page {
  std::vector<Thing> things;
  std::string next;  ///< the cursor of the page after it; empty: it is the last
  std::optional<std::uint64_t> total;
};

}  // namespace wardlock::directory
