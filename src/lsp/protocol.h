#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "codec/json.h"
#include "lsp/text_document.h"

namespace wardlock::lsp {

/// The error codes of JSON-RPC 2.0 and LSP 3.17 that we send.
enum class RpcCode : std::int32_t {
  kParseError = -32700,
  kInvalidRequest = -32600,
  kMethodNotFound = -32601,
  kInvalidParams = -32602,
  kInternalError = -32603,
  kServerNotInitialized = -32002,
  kRequestFailed = -32803,
};

struct RpcError {
  RpcCode code;
  std::string message;
};
template <typename T>
using RpcResult = std::expected<T, RpcError>;

inline std::unexpected<RpcError> refuse(RpcCode code, std::string message) {
  return std::unexpected(RpcError{code, std::move(message)});
}

/// A request or notification; a notification has no id.
struct RpcMessage {
  std::optional<codec::Json> id;
  std::string method;
  codec::Json params;
};

/// Reads a message. Nothing for what is the answer to a request of ours. An error comes with the id
/// to answer to, null where there is none.
struct BadMessage {
  RpcError error;
  codec::Json id;
};
std::expected<std::optional<RpcMessage>, BadMessage> read_message(std::string_view body);

std::string reply_text(const codec::Json& id, codec::Json result);
std::string error_text(const codec::Json& id, const RpcError& error);
std::string notification_text(std::string_view method, codec::Json params);

// Parts of parameters; an error names what is missing.

/// The member below the names, or null.
const codec::Json* member(const codec::Json& json, std::initializer_list<std::string_view> path);
RpcResult<std::string> text_member(const codec::Json& json,
                                   std::initializer_list<std::string_view> path);
RpcResult<std::int64_t> integer_member(const codec::Json& json,
                                       std::initializer_list<std::string_view> path);
RpcResult<Place> place_member(const codec::Json& json,
                              std::initializer_list<std::string_view> path);

}  // namespace wardlock::lsp
