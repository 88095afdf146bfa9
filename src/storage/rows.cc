#include "storage/rows.h"

#include "base/check.h"

namespace wardlock::storage {

Row Rows::operator[](std::size_t index) const {
  CHECK(index < size());
  return Row(*this, index);
}

const Rows::Cell& Rows::cell(std::size_t row, std::size_t column) const {
  CHECK(column < columns_);
  return cells_[row * columns_ + column];
}

void Rows::add_null() { cells_.push_back({.type = Type::kNull}); }

void Rows::add_integer(std::int64_t value) {
  cells_.push_back({.type = Type::kInteger, .integer = value});
}

void Rows::add_memory(Type type, const char* begin, std::size_t length) {
  cells_.push_back({.type = type,
                    .length = static_cast<std::uint32_t>(length),
                    .integer = static_cast<std::int64_t>(memory_.size())});
  memory_.append(begin, length);
}

void Rows::add_text(std::string_view text) { add_memory(Type::kText, text.data(), text.size()); }

void Rows::add_bytes(std::span<const std::uint8_t> bytes) {
  add_memory(Type::kBytes, reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

void Rows::clear() {
  cells_.clear();
  memory_.clear();
}

bool Row::is_null(std::size_t column) const {
  return rows_->cell(index_, column).type == Rows::Type::kNull;
}

std::int64_t Row::integer(std::size_t column) const {
  const Rows::Cell& cell = rows_->cell(index_, column);
  if (cell.type == Rows::Type::kNull) return 0;
  CHECK(cell.type == Rows::Type::kInteger);
  return cell.integer;
}

std::string_view Row::text(std::size_t column) const {
  const Rows::Cell& cell = rows_->cell(index_, column);
  if (cell.type == Rows::Type::kNull) return {};
  CHECK(cell.type == Rows::Type::kText);
  return std::string_view(rows_->memory_)
      .substr(static_cast<std::size_t>(cell.integer), cell.length);
}

std::span<const std::uint8_t> Row::bytes(std::size_t column) const {
  const Rows::Cell& cell = rows_->cell(index_, column);
  if (cell.type == Rows::Type::kNull) return {};
  CHECK(cell.type == Rows::Type::kBytes);
  const auto* const memory = reinterpret_cast<const std::uint8_t*>(rows_->memory_.data());
  return {memory + cell.integer, cell.length};
}

}  // namespace wardlock::storage
