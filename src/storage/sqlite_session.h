#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "storage/session.h"
#include "storage/sqlite.h"

namespace wardlock::storage {

/// A session with an SQLite file that was opened as kFull. It waits for other writers by itself, so
/// that its failures are final.
class SqliteSession : public Session {
 public:
  explicit SqliteSession(Database database) : database_(std::move(database)) {}

  Result<void> begin_reading() override;
  Result<void> begin_writing(Durability durability) override;
  Result<void> commit() override;
  void roll_back() override;
  Result<std::uint64_t> run(std::string_view sql, std::span<const Parameter> parameters) override;
  Result<Rows> query(std::string_view sql, std::span<const Parameter> parameters) override;
  Result<void> each(std::string_view sql, std::span<const Parameter> parameters,
                    const std::function<Result<void>(Row)>& visit) override;
  Result<void> run_script(const std::string& sql) override { return database_.run(sql); }
  /// Those who listen are told by the store.
  Result<void> notify(const std::set<std::string>&) override { return {}; }
  Trouble trouble() const override { return Trouble::kNone; }

  Database& database() { return database_; }

 private:
  struct Compiled {
    Statement statement;
    std::vector<int> places;  // of `$1`, `$2` … among its parameters
  };
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>{}(text);
    }
  };
  /// A statement that is in use is not in `compiled_`, so that another may stand for it meanwhile.
  Result<std::unique_ptr<Compiled>> take(std::string_view sql,
                                         std::span<const Parameter> parameters);
  void give_back(std::string_view sql, std::unique_ptr<Compiled> compiled);

  Database database_;
  Durability durability_ = Durability::kFull;
  std::unordered_map<std::string, std::unique_ptr<Compiled>, TextHash, std::equal_to<>> compiled_;
};

}  // namespace wardlock::storage
