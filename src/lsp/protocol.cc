#include "lsp/protocol.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <limits>
#include <utility>

namespace wardlock::lsp {
namespace {

using codec::Json;

constexpr codec::JsonLimits kLimits{.max_bytes = std::size_t{64} << 20, .max_depth = 100};

std::unexpected<RpcError> missing(std::initializer_list<std::string_view> path,
                                  std::string_view what) {
  return refuse(RpcCode::kInvalidParams,
                fmt::format("`{}` must be {}", fmt::join(path, "."), what));
}

RpcResult<std::uint32_t> coordinate(const Json& place, std::string_view name,
                                    std::initializer_list<std::string_view> path) {
  const Json* value = member(place, {name});
  const auto* number = value == nullptr ? nullptr : value->if_int64();
  if (number == nullptr || *number < 0) return missing(path, "a position");
  return static_cast<std::uint32_t>(
      std::min<std::int64_t>(*number, std::numeric_limits<std::int32_t>::max()));
}

}  // namespace

std::expected<std::optional<RpcMessage>, BadMessage> read_message(std::string_view body) {
  auto json = codec::parse_json(body, kLimits);
  if (!json) {
    return std::unexpected(BadMessage{{RpcCode::kParseError, std::move(json).error().message}, {}});
  }
  const Json* id = member(*json, {"id"});
  const bool has_id = id != nullptr && (id->is_string() || id->is_int64() || id->is_uint64());
  const auto bad = [&](std::string message) {
    return std::unexpected(
        BadMessage{{RpcCode::kInvalidRequest, std::move(message)}, has_id ? *id : Json()});
  };
  const Json* version = member(*json, {"jsonrpc"});
  if (version == nullptr || *version != "2.0") return bad("`jsonrpc` must be \"2.0\"");
  const Json* method = member(*json, {"method"});
  const bool is_answer =
      member(*json, {"result"}) != nullptr || member(*json, {"error"}) != nullptr;
  if (method == nullptr && is_answer) return std::nullopt;
  if (method == nullptr || !method->is_string()) return bad("`method` must be a string");
  if (id != nullptr && !has_id) return bad("`id` must be a string or a whole number");
  RpcMessage message{.id = {}, .method = std::string(method->get_string()), .params = {}};
  if (has_id) message.id = *id;
  const Json* params = member(*json, {"params"});
  if (params != nullptr && !params->is_object() && !params->is_array() && !params->is_null()) {
    return bad("`params` must be an object");
  }
  if (params != nullptr) message.params = *params;
  return message;
}

std::string reply_text(const Json& id, Json result) {
  return codec::to_json_text(
      boost::json::object{{"jsonrpc", "2.0"}, {"id", id}, {"result", std::move(result)}});
}

std::string error_text(const Json& id, const RpcError& error) {
  return codec::to_json_text(boost::json::object{
      {"jsonrpc", "2.0"},
      {"id", id},
      {"error", boost::json::object{{"code", static_cast<std::int32_t>(error.code)},
                                    {"message", error.message}}}});
}

std::string notification_text(std::string_view method, Json params) {
  return codec::to_json_text(
      boost::json::object{{"jsonrpc", "2.0"}, {"method", method}, {"params", std::move(params)}});
}

const Json* member(const Json& json, std::initializer_list<std::string_view> path) {
  const Json* at = &json;
  for (const std::string_view name : path) {
    const auto* object = at->if_object();
    at = object == nullptr ? nullptr : object->if_contains(name);
    if (at == nullptr) return nullptr;
  }
  return at;
}

RpcResult<std::string> text_member(const Json& json, std::initializer_list<std::string_view> path) {
  const Json* value = member(json, path);
  if (value == nullptr || !value->is_string()) return missing(path, "a string");
  return std::string(value->get_string());
}

RpcResult<std::int64_t> integer_member(const Json& json,
                                       std::initializer_list<std::string_view> path) {
  const Json* value = member(json, path);
  if (value == nullptr || !value->is_int64()) return missing(path, "a whole number");
  return value->get_int64();
}

RpcResult<Place> place_member(const Json& json, std::initializer_list<std::string_view> path) {
  const Json* value = member(json, path);
  if (value == nullptr) return missing(path, "a position");
  const std::uint32_t line = TRY(coordinate(*value, "line", path));
  return Place{line, TRY(coordinate(*value, "character", path))};
}

}  // namespace wardlock::lsp
