#include "storage/sqlite_session.h"

#include <fmt/format.h>

#include <utility>
#include <variant>

namespace wardlock::storage {
namespace {

// So many texts of statements are kept compiled. More come only from conditions that are put
// together, which seldom come again.
constexpr std::size_t kMaxCompiled = 256;

struct Bind {
  Statement& statement;
  int place;

  void operator()(std::nullptr_t) const { statement.bind_null(place); }
  void operator()(std::int64_t value) const { statement.bind(place, value); }
  void operator()(std::string_view text) const { statement.bind(place, text); }
  void operator()(Parameter::Bytes bytes) const { statement.bind_blob(place, bytes); }
};

Result<void> add_row(Rows& rows, const Statement& statement) {
  for (int column = 0; column < statement.columns(); ++column) {
    switch (statement.type(column)) {
      case ColumnType::kNull: rows.add_null(); break;
      case ColumnType::kInteger: rows.add_integer(statement.integer(column)); break;
      case ColumnType::kText: rows.add_text(statement.text(column)); break;
      case ColumnType::kBlob: rows.add_bytes(statement.blob(column)); break;
      case ColumnType::kReal:
        return fail(ErrorCode::kInternal,
                    fmt::format("column {} of an answer is a fraction; CAST it", column + 1));
    }
  }
  return {};
}

}  // namespace

Result<void> SqliteSession::begin_reading() {
  TRY_VOID(run("BEGIN", {}));
  return {};
}

Result<void> SqliteSession::begin_writing(Durability durability) {
  if (durability != durability_) {
    TRY_VOID(database_.set_durability(durability));
    durability_ = durability;
  }
  TRY_VOID(run("BEGIN IMMEDIATE", {}));
  return {};
}

Result<void> SqliteSession::commit() {
  TRY_VOID(run("COMMIT", {}));
  return {};
}

void SqliteSession::roll_back() {
  // Fails only where SQLite has already undone it, after an error.
  [[maybe_unused]] const auto undone = run("ROLLBACK", {});
}

Result<std::unique_ptr<SqliteSession::Compiled>> SqliteSession::take(
    std::string_view sql, std::span<const Parameter> parameters) {
  std::unique_ptr<Compiled> compiled;
  if (const auto found = compiled_.find(sql); found != compiled_.end()) {
    compiled = std::move(found->second);
  }
  if (compiled == nullptr) {
    compiled = std::make_unique<Compiled>(TRY(database_.prepare(sql)));
    for (int number = 1; number <= compiled->statement.parameters(); ++number) {
      compiled->places.push_back(compiled->statement.parameter(fmt::format("${}", number)));
    }
  }
  if (compiled->places.size() != parameters.size()) {
    return fail(ErrorCode::kInternal, fmt::format("a statement has {} parameters and was given {}",
                                                  compiled->places.size(), parameters.size()));
  }
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    if (compiled->places[i] == 0) {
      return fail(ErrorCode::kInternal, fmt::format("a statement has no parameter `${}`", i + 1));
    }
    std::visit(Bind{compiled->statement, compiled->places[i]}, parameters[i].value());
  }
  return compiled;
}

void SqliteSession::give_back(std::string_view sql, std::unique_ptr<Compiled> compiled) {
  compiled->statement.reset();
  if (const auto found = compiled_.find(sql); found != compiled_.end()) {
    found->second = std::move(compiled);
    return;
  }
  if (compiled_.size() >= kMaxCompiled) compiled_.clear();
  compiled_.emplace(sql, std::move(compiled));
}

Result<std::uint64_t> SqliteSession::run(std::string_view sql,
                                         std::span<const Parameter> parameters) {
  std::unique_ptr<Compiled> compiled = TRY(take(sql, parameters));
  TRY_VOID(compiled->statement.run());
  give_back(sql, std::move(compiled));
  return static_cast<std::uint64_t>(database_.changed_rows());
}

Result<Rows> SqliteSession::query(std::string_view sql, std::span<const Parameter> parameters) {
  std::unique_ptr<Compiled> compiled = TRY(take(sql, parameters));
  Rows rows(static_cast<std::size_t>(compiled->statement.columns()));
  while (TRY(compiled->statement.step())) TRY_VOID(add_row(rows, compiled->statement));
  give_back(sql, std::move(compiled));
  return rows;
}

Result<void> SqliteSession::each(std::string_view sql, std::span<const Parameter> parameters,
                                 const std::function<Result<void>(Row)>& visit) {
  std::unique_ptr<Compiled> compiled = TRY(take(sql, parameters));
  Rows row(static_cast<std::size_t>(compiled->statement.columns()));
  while (TRY(compiled->statement.step())) {
    row.clear();
    TRY_VOID(add_row(row, compiled->statement));
    TRY_VOID(visit(row.front()));
  }
  give_back(sql, std::move(compiled));
  return {};
}

}  // namespace wardlock::storage
