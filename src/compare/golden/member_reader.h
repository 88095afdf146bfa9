#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace wardlock::compare {

/// Reads the members of a JSON object strictly. Errors (kInvalidArgument) name the member by its
/// path. Borrows the object.
class MemberReader {
 public:
  MemberReader(const boost::json::object& object, std::string path)
      : object_(object), path_(std::move(path)) {}

  bool has(std::string_view key) const { return object_.contains(key); }
  /// Not empty.
  Result<std::string> text(std::string_view key);
  Result<std::int64_t> number(std::string_view key);
  Result<bool> flag(std::string_view key);
  /// None where it is absent.
  Result<std::vector<std::string>> texts(std::string_view key);
  Result<MemberReader> object(std::string_view key);
  /// Any object; empty where it is absent.
  Result<boost::json::object> json_object(std::string_view key);

  /// Error: the object has members that were not read.
  Result<void> end() const;

  std::unexpected<Error> wrong(std::string_view key, std::string_view what) const;

 private:
  const boost::json::value* find(std::string_view key);
  std::string path_of(std::string_view key) const;

  const boost::json::object& object_;
  std::string path_;
  std::set<std::string, std::less<>> read_;
};

}  // namespace wardlock::compare
