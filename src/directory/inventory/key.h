#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "codec/json.h"
#include "directory/model/indexed_values.h"
#include "directory/model/kind.h"

namespace wardlock::directory {

/// What names a thing in a file, instead of its id: docs/formats/directory-import.md.
struct Key {
  Kind kind;
  std::string attribute = {};  ///< a path, `id`, or nothing: any by which the kind is known
  std::string value;
  bool is_part = false;  ///< of a longer key: `/` and `%` are escaped in it
};

/// Reads `kind:value`, `kind.attribute:value` and, where it can be of but one kind, `value`. Errors
/// (kInvalidArgument) say what is right.
Result<Key> read_key(std::string_view text, Kinds kinds);

/// For messages.
std::string to_text(const Key& key);

/// One way in which a key or a document names a thing.
struct Naming {
  NamingAttribute by;
  std::string value;          ///< in its normal form
  std::optional<Key> within;  ///< of what it is unique within, where that is something

  /// Whether it is but a name by which a kind is known that has nothing better.
  bool is_handle() const;
};

/// The ways in which a key can be meant; none: it cannot be one of the kind.
std::vector<Naming> namings(const Key& key, std::chrono::year this_year);

/// The ways in which attributes name the thing that has them. What is wrong with them is passed
/// over.
std::vector<Naming> namings(Kind kind, const boost::json::object& attributes,
                            std::chrono::year this_year);

/// The attribute by which others are best told of a thing: the first that is required and names it.
NamingAttribute preferred_naming(Kind kind);

/// As it stands between the slashes of a key.
std::string escaped_part(std::string_view value);
std::string unescaped_part(std::string_view text);

}  // namespace wardlock::directory
