#include "storage/migration.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "crypto/sha256.h"

namespace wardlock::storage {
namespace {

struct Word {
  std::string_view ours;
  std::string_view sqlite;
  std::string_view postgresql;
};

// A column's length and order must not hang on how a server was set up: hence the collation.
constexpr std::array<Word, 4> kWords{{
    {"BIGINT", "INTEGER", "BIGINT"},
    {"TEXT", "TEXT", "TEXT COLLATE \"C\""},
    {"BYTES", "BLOB", "BYTEA"},
    {"STRICT", "STRICT", ""},
}};

bool is_word_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/// So many characters from the beginning are passed on as they are: a text or name in quotes, a
/// comment, or one character.
std::size_t length_of_other(std::string_view text) {
  std::string_view end;
  if (text.starts_with("--")) {
    end = "\n";
  } else if (text.starts_with("/*")) {
    end = "*/";
  } else if (text.front() == '\'' || text.front() == '"') {
    end = text.substr(0, 1);  // a doubled quote is two texts, side by side
  } else {
    return 1;
  }
  const std::size_t at = text.find(end, 1);
  return at == std::string_view::npos ? text.size() : at + end.size();
}

std::string translated(std::string_view sql, std::string_view Word::* language) {
  std::string out;
  while (!sql.empty()) {
    const auto length =
        static_cast<std::size_t>(std::ranges::find_if_not(sql, is_word_character) - sql.begin());
    if (length == 0) {
      const std::size_t other = length_of_other(sql);
      out += sql.substr(0, other);
      sql.remove_prefix(other);
      continue;
    }
    const std::string_view word = sql.substr(0, length);
    const auto* const found = std::ranges::find(kWords, word, &Word::ours);
    out += found == kWords.end() ? word : (*found).*language;
    sql.remove_prefix(length);
  }
  return out;
}

}  // namespace

std::string sql_for_sqlite(const Migration& migration) {
  return translated(migration.sql, &Word::sqlite);
}

std::string sql_for_postgresql(const Migration& migration) {
  if (!migration.postgresql.empty()) return std::string(migration.postgresql);
  return translated(migration.sql, &Word::postgresql);
}

std::string checksum_of(const Migration& migration) {
  std::string texts(migration.sql);
  texts += '\0';
  texts += migration.postgresql;
  return crypto::to_hex(crypto::sha256(texts));
}

}  // namespace wardlock::storage
