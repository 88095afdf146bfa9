#pragma once

#include <string>

#include "base/error.h"
#include "storage/session.h"

struct pg_conn;
struct pg_result;

namespace wardlock::storage {

struct PostgresqlFailure {
  ErrorCode code;
  Trouble trouble;
  std::string message;  ///< one line, without the row that was at fault
};

/// What a result, or where there is none the connection, says of its failure.
PostgresqlFailure describe_failure(const pg_conn* connection, const pg_result* result);

}  // namespace wardlock::storage
