#include "storage/database_url.h"

#include <fmt/format.h>

#include "base/utf8.h"

namespace wardlock::storage {

Result<DatabaseUrl> parse_database_url(std::string_view url) {
  constexpr std::string_view kSqlite = "sqlite:";
  if (url.starts_with("postgresql://") || url.starts_with("postgres://")) {
    return DatabaseUrl{.is_postgresql = true, .address = std::string(url)};
  }
  if (!url.starts_with(kSqlite)) {
    return invalid(
        fmt::format("`{}` is no kind of database; write `sqlite:PATH` or "
                    "`postgresql://HOST/NAME`",
                    printable(url.substr(0, url.find(':')))));
  }
  const std::string_view path = url.substr(kSqlite.size());
  // SQLite would take these for a URL, a database in memory, and one that is gone when closed.
  if (path.empty() || path.starts_with(':') || path.starts_with("file:") || path.contains('\0')) {
    return invalid(fmt::format("`{}` names no file; write `sqlite:PATH`", printable(url)));
  }
  return DatabaseUrl{.address = std::string(path)};
}

}  // namespace wardlock::storage
