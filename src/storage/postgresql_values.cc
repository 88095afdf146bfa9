#include "storage/postgresql_values.h"

#include <fmt/format.h>
#include <libpq-fe.h>

#include <string_view>
#include <type_traits>
#include <variant>

namespace wardlock::storage {
namespace {

// As of PostgreSQL's pg_type.dat; they never change.
enum Type : std::uint32_t {
  kUnspecified = 0,
  kBool = 16,
  kBytea = 17,
  kName = 19,
  kInt8 = 20,
  kInt2 = 21,
  kInt4 = 23,
  kText = 25,
  kVarchar = 1043,
};

std::array<char, 8> big_endian(std::int64_t value) {
  std::array<char, 8> bytes = {};
  auto rest = static_cast<std::uint64_t>(value);
  for (std::size_t i = bytes.size(); i-- > 0; rest >>= 8) bytes[i] = static_cast<char>(rest & 0xFF);
  return bytes;
}

/// Of 2, 4 or 8 bytes, or the one of a truth value.
std::int64_t integer_of(std::string_view bytes) {
  std::uint64_t value = bytes.front() < 0 ? ~std::uint64_t{0} : 0;  // its sign
  for (const char byte : bytes) value = value << 8 | static_cast<unsigned char>(byte);
  return static_cast<std::int64_t>(value);
}

Result<void> add_cell(Rows& rows, std::uint32_t type, std::string_view bytes) {
  switch (type) {
    case kBool:
    case kInt2:
    case kInt4:
    case kInt8: rows.add_integer(integer_of(bytes)); return {};
    case kText:
    case kVarchar:
    case kName: rows.add_text(bytes); return {};
    case kBytea:
      rows.add_bytes({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
      return {};
    default:
      return fail(ErrorCode::kInternal,
                  fmt::format("a column of an answer is of a type (number {}) that is neither TEXT "
                              "nor BIGINT nor BYTES; CAST it",
                              type));
  }
}

}  // namespace

std::uint32_t type_of(const Parameter& parameter) {
  constexpr std::array<std::uint32_t, 4> kTypes = {kUnspecified, kInt8, kText, kBytea};
  static_assert(std::variant_size_v<Parameter::Value> == kTypes.size());
  return kTypes[parameter.value().index()];
}

PostgresqlParameters::PostgresqlParameters(std::span<const Parameter> parameters)
    : integers_(parameters.size()), formats_(parameters.size(), 1) {
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    std::string_view bytes;
    const Parameter::Value& value = parameters[i].value();
    if (const auto* const integer = std::get_if<std::int64_t>(&value)) {
      integers_[i] = big_endian(*integer);
      bytes = {integers_[i].data(), integers_[i].size()};
    } else if (const auto* const text = std::get_if<std::string_view>(&value)) {
      bytes = *text;
    } else if (const auto* const blob = std::get_if<Parameter::Bytes>(&value)) {
      bytes = {reinterpret_cast<const char*>(blob->data()), blob->size()};
    }
    // A null pointer would be NULL instead of something empty.
    const bool is_null = std::holds_alternative<std::nullptr_t>(value);
    const char* const begin = bytes.data() == nullptr ? "" : bytes.data();
    types_.push_back(type_of(parameters[i]));
    values_.push_back(is_null ? nullptr : begin);
    lengths_.push_back(static_cast<int>(bytes.size()));
  }
}

Result<void> add_rows(const pg_result* result, Rows& rows) {
  const int columns = PQnfields(result);
  for (int row = 0; row < PQntuples(result); ++row) {
    for (int column = 0; column < columns; ++column) {
      if (PQgetisnull(result, row, column) != 0) {
        rows.add_null();
        continue;
      }
      const auto length = static_cast<std::size_t>(PQgetlength(result, row, column));
      TRY_VOID(add_cell(rows, PQftype(result, column), {PQgetvalue(result, row, column), length}));
    }
  }
  return {};
}

}  // namespace wardlock::storage
