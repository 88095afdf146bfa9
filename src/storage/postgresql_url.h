#pragma once

#include <string>

#include "base/error.h"

namespace wardlock::storage {

struct PostgresqlUrl {
  std::string name;  ///< for messages: hosts, ports and database, without user and password
  bool is_on_this_machine = false;  ///< reached by a socket or a loopback address alone
};

/// Error kInvalidArgument: libpq does not take it.
Result<PostgresqlUrl> parse_postgresql_url(const std::string& url);

}  // namespace wardlock::storage
