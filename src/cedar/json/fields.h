#pragma once

#include <cstdint>
#include <initializer_list>
#include <string_view>

#include "cedar/json/path.h"
#include "codec/json.h"

namespace wardlock::cedar {

/// Reads the members of one JSON object, with errors that name the place. Borrows the object and
/// the path.
class Fields {
 public:
  /// Error: `json` is no object.
  static Result<Fields> of(const codec::Json& json, const JsonPath& path);

  /// Error: a member that is not in `names`.
  Result<void> allow_only(std::initializer_list<std::string_view> names) const;

  /// The member, or null.
  const codec::Json* find(std::string_view name) const;
  /// Error: no such member.
  Result<const codec::Json*> get(std::string_view name) const;
  Result<std::string_view> get_string(std::string_view name) const;
  Result<const boost::json::array*> get_array(std::string_view name) const;

  const boost::json::object& object() const { return *object_; }

 private:
  Fields(const boost::json::object* object, const JsonPath* path) : object_(object), path_(path) {}

  const boost::json::object* object_;
  const JsonPath* path_;
};

inline std::string_view view(const boost::json::string& text) { return {text.data(), text.size()}; }

/// What a JSON value is, for messages: `a string`, `null`.
std::string_view kind_name(const codec::Json& json);

/// Error: `json` is no string.
Result<std::string_view> as_string(const codec::Json& json, const JsonPath& path);

/// Error: `json` is no array.
Result<const boost::json::array*> as_array(const codec::Json& json, const JsonPath& path);

}  // namespace wardlock::cedar
