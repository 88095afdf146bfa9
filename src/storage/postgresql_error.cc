#include "storage/postgresql_error.h"

#include <fmt/format.h>
#include <libpq-fe.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "base/utf8.h"

namespace wardlock::storage {
namespace {

struct Meaning {
  std::string_view state;  ///< of SQLSTATE, as much as counts
  ErrorCode code;
  Trouble trouble;
  std::string_view advice;
};

// PostgreSQL's manual, appendix A. The first that fits counts.
constexpr std::array<Meaning, 21> kMeanings{{
    {"40001", ErrorCode::kUnavailable, Trouble::kTryAgain, "; ask again"},
    {"40P01", ErrorCode::kUnavailable, Trouble::kTryAgain, "; ask again"},
    {"55P03", ErrorCode::kUnavailable, Trouble::kNone, "; others were writing for too long"},
    {"57014", ErrorCode::kUnavailable, Trouble::kNone, ""},
    {"57P", ErrorCode::kUnavailable, Trouble::kDisconnected, ""},
    {"25P03", ErrorCode::kUnavailable, Trouble::kDisconnected, ""},
    {"08P01", ErrorCode::kInternal, Trouble::kNone, ""},
    {"08", ErrorCode::kUnavailable, Trouble::kDisconnected, ""},
    {"53100", ErrorCode::kResourceExhausted, Trouble::kNone, "; make room on the disk"},
    {"53300", ErrorCode::kUnavailable, Trouble::kTryAgain, "; allow more connections"},
    {"53", ErrorCode::kResourceExhausted, Trouble::kNone, ""},
    {"54", ErrorCode::kResourceExhausted, Trouble::kNone, ""},
    {"58", ErrorCode::kUnavailable, Trouble::kNone, "; see the server's log"},
    {"XX001", ErrorCode::kDataLoss, Trouble::kNone, "; restore it from a backup"},
    {"XX002", ErrorCode::kDataLoss, Trouble::kNone, "; restore it from a backup"},
    {"23505", ErrorCode::kAlreadyExists, Trouble::kNone, ""},
    {"23", ErrorCode::kFailedPrecondition, Trouble::kNone, ""},
    {"25006", ErrorCode::kFailedPrecondition, Trouble::kNone, ""},
    {"28", ErrorCode::kFailedPrecondition, Trouble::kNone, "; check user and password"},
    {"42501", ErrorCode::kFailedPrecondition, Trouble::kNone, "; grant it to Wardlock's user"},
    {"", ErrorCode::kInternal, Trouble::kNone, ""},
}};

/// libpq writes several lines, with tabs.
std::string one_line(std::string_view text) {
  std::string line;
  for (const char c : text) {
    const bool is_space = c == '\n' || c == '\t' || c == '\r' || c == ' ';
    if (!is_space) {
      line += c;
    } else if (!line.empty() && line.back() != ' ') {
      line += ' ';
    }
  }
  while (line.ends_with(' ')) line.pop_back();
  return printable(line);
}

std::string_view field(const pg_result* result, int code) {
  const char* const text = PQresultErrorField(result, code);
  return text == nullptr ? "" : text;
}

}  // namespace

PostgresqlFailure describe_failure(const pg_conn* connection, const pg_result* result) {
  const std::string_view state = field(result, PG_DIAG_SQLSTATE);
  if (state.empty()) {
    return {ErrorCode::kUnavailable, Trouble::kNone, one_line(PQerrorMessage(connection))};
  }
  const auto* const meaning = std::ranges::find_if(
      kMeanings, [state](const Meaning& known) { return state.starts_with(known.state); });
  // The detail has values of the row.
  std::string message = one_line(field(result, PG_DIAG_MESSAGE_PRIMARY));
  const std::string_view table = field(result, PG_DIAG_TABLE_NAME);
  if (!table.empty() && !message.contains(table)) message += fmt::format(" (table `{}`)", table);
  return {meaning->code, meaning->trouble, message + std::string(meaning->advice)};
}

}  // namespace wardlock::storage
