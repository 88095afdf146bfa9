#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "codec/json.h"
#include "net/http.h"

namespace wardlock::call {

// What a call says. Pure; thread-safe. Errors are kInvalidArgument, in words for who asks.

/// The members of a body: a JSON object of at most 16 KiB with none but these. Without a body:
/// none.
Result<boost::json::object> read_members(const net::HttpRequest& request,
                                         std::initializer_list<std::string_view> known);
/// The text that a member is; empty: it is not there. Error: it is no text.
Result<std::string> text_in(const boost::json::object& members, std::string_view name);
/// The texts that it lists; empty: it is not there.
Result<std::vector<std::string>> texts_in(const boost::json::object& members,
                                          std::string_view name);
/// False: it is not there.
Result<bool> flag_in(const boost::json::object& members, std::string_view name);
/// The whole number that it is; nothing: it is not there.
Result<std::optional<std::int64_t>> number_in(const boost::json::object& members,
                                              std::string_view name);
/// The time that it is, in ms since the epoch; nothing: it is not there.
Result<std::optional<std::int64_t>> time_in(const boost::json::object& members,
                                            std::string_view name);
/// The value of the query's parameter; empty: there is none.
std::string parameter_of(const net::HttpRequest& request, std::string_view name);

}  // namespace wardlock::call
