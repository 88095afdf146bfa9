#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace wardlock::storage {

class Rows;

/// One row of an answer; columns count from 0. Valid as long as its Rows. A column that does not
/// exist or is of another type is a mistake in our SQL, and aborts.
class Row {
 public:
  Row(const Rows& rows, std::size_t index) : rows_(&rows), index_(index) {}

  bool is_null(std::size_t column) const;
  /// 0 where it is null. A truth value is 0 or 1.
  std::int64_t integer(std::size_t column) const;
  /// Empty where it is null.
  std::string_view text(std::size_t column) const;
  std::span<const std::uint8_t> bytes(std::size_t column) const;

 private:
  const Rows* rows_;
  std::size_t index_;
};

/// What a query answered, in memory; its own, whatever becomes of the store. Safe to read from
/// several threads.
class Rows {
 public:
  explicit Rows(std::size_t columns) : columns_(columns) {}

  std::size_t size() const { return columns_ == 0 ? 0 : cells_.size() / columns_; }
  bool empty() const { return cells_.empty(); }
  std::size_t columns() const { return columns_; }

  /// Requires that there is such a row.
  Row operator[](std::size_t index) const;
  Row front() const { return (*this)[0]; }

  class Iterator {
   public:
    using value_type = Row;
    using difference_type = std::ptrdiff_t;

    Iterator() = default;
    Iterator(const Rows& rows, std::size_t index) : rows_(&rows), index_(index) {}
    Row operator*() const { return Row(*rows_, index_); }
    Iterator& operator++() {
      ++index_;
      return *this;
    }
    Iterator operator++(int) { return {*rows_, index_++}; }
    bool operator==(const Iterator&) const = default;

   private:
    const Rows* rows_ = nullptr;
    std::size_t index_ = 0;
  };
  /// `for (const Row row : TRY(work.query(…)))`
  Iterator begin() const { return {*this, 0}; }
  Iterator end() const { return {*this, size()}; }

  // For whoever fills it: cell after cell, row after row.
  void add_null();
  void add_integer(std::int64_t value);
  void add_text(std::string_view text);
  void add_bytes(std::span<const std::uint8_t> bytes);
  void clear();

 private:
  friend class Row;
  enum class Type : std::uint8_t { kNull, kInteger, kText, kBytes };
  struct Cell {
    Type type;
    std::uint32_t length = 0;  // of text and bytes
    std::int64_t integer = 0;  // or where text and bytes begin in `memory_`
  };

  void add_memory(Type type, const char* begin, std::size_t length);
  const Cell& cell(std::size_t row, std::size_t column) const;

  std::size_t columns_;
  std::vector<Cell> cells_;
  std::string memory_;
};

}  // namespace wardlock::storage
