#include "call/members.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <utility>

#include "base/utf8.h"
#include "directory/model/moment.h"
#include "net/query_string.h"

namespace wardlock::call {
namespace {

constexpr codec::JsonLimits kLimits{
    .max_bytes = std::size_t{16} << 10, .max_depth = 4, .max_members = 64};

}  // namespace

Result<boost::json::object> read_members(const net::HttpRequest& request,
                                         std::initializer_list<std::string_view> known) {
  if (request.body.empty()) return boost::json::object();
  const std::string_view type = request.header("Content-Type").value_or("");
  if (!net::equal_ignoring_case(type.substr(0, type.find(';')), "application/json")) {
    return invalid("send `application/json`, and say so in `Content-Type`");
  }
  if (request.body.size() > kLimits.max_bytes) {
    return invalid(fmt::format("the body has more than {} bytes", kLimits.max_bytes));
  }
  codec::Json json = TRY(codec::parse_json(request.body, kLimits));
  if (!json.is_object()) return invalid("the body must be a JSON object");
  for (const auto& member : json.get_object()) {
    const std::string_view name = member.key();
    if (std::ranges::find(known, name) == known.end()) {
      return invalid(fmt::format("there is no member `{}` here", printable(name)));
    }
  }
  return std::move(json.get_object());
}

Result<std::string> text_in(const boost::json::object& members, std::string_view name) {
  const codec::Json* const value = members.if_contains(name);
  if (value == nullptr) return std::string();
  if (!value->is_string()) return invalid(fmt::format("`{}` must be a text", name));
  return std::string(value->get_string());
}

Result<std::vector<std::string>> texts_in(const boost::json::object& members,
                                          std::string_view name) {
  std::vector<std::string> texts;
  const codec::Json* const value = members.if_contains(name);
  if (value == nullptr) return texts;
  const auto fault = [&] { return invalid(fmt::format("`{}` must be a list of texts", name)); };
  if (!value->is_array()) return fault();
  for (const codec::Json& each : value->get_array()) {
    if (!each.is_string()) return fault();
    texts.emplace_back(each.get_string());
  }
  return texts;
}

Result<bool> flag_in(const boost::json::object& members, std::string_view name) {
  const codec::Json* const value = members.if_contains(name);
  if (value == nullptr) return false;
  if (!value->is_bool()) return invalid(fmt::format("`{}` must be true or false", name));
  return value->get_bool();
}

Result<std::optional<std::int64_t>> number_in(const boost::json::object& members,
                                              std::string_view name) {
  const codec::Json* const value = members.if_contains(name);
  if (value == nullptr) return std::nullopt;
  if (!value->is_int64()) return invalid(fmt::format("`{}` must be a whole number", name));
  return value->get_int64();
}

Result<std::optional<std::int64_t>> time_in(const boost::json::object& members,
                                            std::string_view name) {
  const std::string text = TRY(text_in(members, name));
  if (text.empty()) return std::nullopt;
  const auto time = directory::parse_time(text);
  if (!time) {
    return invalid(fmt::format("`{}` must be a time such as `2026-11-24T07:00:00Z`", name));
  }
  return time;
}

std::string parameter_of(const net::HttpRequest& request, std::string_view name) {
  const auto parameters = net::read_query_string(request.query);
  if (!parameters) return {};
  const auto found = std::ranges::find(*parameters, name, &net::QueryParameter::name);
  return found == parameters->end() ? std::string() : found->value;
}

}  // namespace wardlock::call
