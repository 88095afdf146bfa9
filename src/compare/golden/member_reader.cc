#include "compare/golden/member_reader.h"

#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

namespace wardlock::compare {

using Json = boost::json::value;

std::string MemberReader::path_of(std::string_view key) const {
  return path_.empty() ? std::string(key) : fmt::format("{}.{}", path_, key);
}

std::unexpected<Error> MemberReader::wrong(std::string_view key, std::string_view what) const {
  return invalid(fmt::format("`{}` {}", path_of(key), what));
}

const Json* MemberReader::find(std::string_view key) {
  read_.emplace(key);
  return object_.if_contains(key);
}

Result<std::string> MemberReader::text(std::string_view key) {
  const Json* value = find(key);
  if (value == nullptr) return wrong(key, "is missing");
  if (!value->is_string()) return wrong(key, "must be a string");
  if (value->get_string().empty()) return wrong(key, "is empty");
  return std::string(value->get_string());
}

Result<std::int64_t> MemberReader::number(std::string_view key) {
  const Json* value = find(key);
  if (value == nullptr) return wrong(key, "is missing");
  if (!value->is_int64()) return wrong(key, "must be a whole number");
  return value->get_int64();
}

Result<bool> MemberReader::flag(std::string_view key) {
  const Json* value = find(key);
  if (value == nullptr) return wrong(key, "is missing");
  if (!value->is_bool()) return wrong(key, "must be true or false");
  return value->get_bool();
}

Result<std::vector<std::string>> MemberReader::texts(std::string_view key) {
  const Json* value = find(key);
  std::vector<std::string> out;
  if (value == nullptr) return out;
  if (!value->is_array()) return wrong(key, "must be a list of strings");
  for (const Json& each : value->get_array()) {
    if (!each.is_string()) return wrong(key, "must be a list of strings");
    out.emplace_back(each.get_string());
  }
  return out;
}

Result<MemberReader> MemberReader::object(std::string_view key) {
  const Json* value = find(key);
  if (value == nullptr) return wrong(key, "is missing");
  if (!value->is_object()) return wrong(key, "must be an object");
  return MemberReader(value->get_object(), path_of(key));
}

Result<boost::json::object> MemberReader::json_object(std::string_view key) {
  const Json* value = find(key);
  if (value == nullptr) return boost::json::object();
  if (!value->is_object()) return wrong(key, "must be an object");
  return value->get_object();
}

Result<void> MemberReader::end() const {
  for (const auto& member : object_) {
    if (!read_.contains(member.key())) return wrong(member.key(), "means nothing here");
  }
  return {};
}

}  // namespace wardlock::compare
