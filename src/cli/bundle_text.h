#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "base/error.h"
#include "bundle/content.h"
#include "bundle/statement.h"
#include "codec/json.h"

namespace wardlock::cli {

/// A serial that was typed.
Result<std::uint64_t> read_serial(const std::string& text, const char* option);

/// A time that was typed: RFC 3339 in UTC, a day (its beginning), or `90d`, so many days after
/// `from`.
Result<std::chrono::sys_seconds> read_moment(const std::string& text, const char* option,
                                             std::chrono::sys_seconds from);

/// This second.
std::chrono::sys_seconds this_second();

/// `{"tenant", "environment", "serial", "created", "expires", "content", "content_bytes"}`.
boost::json::object statement_json(const bundle::Statement& statement);
/// A line for each.
std::string statement_lines(const bundle::Statement& statement);

/// `[{"name", "kind", "bytes"}]`.
boost::json::array files_json(const bundle::Content& content);

}  // namespace wardlock::cli
