#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "storage/postgresql_connection.h"
#include "storage/session.h"

namespace wardlock::storage {

/// A session with a PostgreSQL server. Those who write take turns by a lock on the table of
/// migrations.
class PostgresqlSession : public Session {
 public:
  explicit PostgresqlSession(PostgresqlConnection connection)
      : connection_(std::move(connection)) {}

  Result<void> begin_reading() override;
  Result<void> begin_writing(Durability durability) override;
  Result<void> commit() override;
  void roll_back() override;
  Result<std::uint64_t> run(std::string_view sql, std::span<const Parameter> parameters) override;
  Result<Rows> query(std::string_view sql, std::span<const Parameter> parameters) override;
  Result<void> each(std::string_view sql, std::span<const Parameter> parameters,
                    const std::function<Result<void>(Row)>& visit) override;
  Result<void> run_script(const std::string& sql) override;
  Result<void> notify(const std::set<std::string>& channels) override;
  Trouble trouble() const override { return connection_.trouble(); }

 private:
  PostgresqlConnection connection_;
  std::uint64_t next_cursor_ = 0;
};

}  // namespace wardlock::storage
