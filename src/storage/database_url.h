#pragma once

#include <string>
#include <string_view>

#include "base/error.h"

namespace wardlock::storage {

/// Where a database is, as it stands in the configuration.
struct DatabaseUrl {
  bool is_postgresql = false;
  std::string address;  ///< the file's path, or all of the URL
};

/// `sqlite:PATH`, `postgresql://…` or `postgres://…`. Errors never repeat what may have a password.
Result<DatabaseUrl> parse_database_url(std::string_view url);

}  // namespace wardlock::storage
