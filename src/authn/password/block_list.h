#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/secret.h"

namespace wardlock::authn {

/// Passwords that are known to many: a text of lines in the order of their bytes (`LC_ALL=C sort
/// -u`), looked up where it lies. A line is a password in small letters, or else, where the first
/// line is one, 40 hexadecimal digits of SHA-1 in capitals, perhaps with `:` and a count, which is
/// how breach collections are given. Looking one up costs a few pages whatever the list's size, and
/// opening it nothing. Thread-safe.
class BlockList {
 public:
  /// Maps the file, which must be replaced by renaming another one, never be written to. That its
  /// lines are in order is checked at places: at the beginning, at the end, and between.
  static Result<BlockList> open(const std::string& path);
  /// Borrows a text that lives as long as the program: the list that Wardlock brings along.
  static BlockList over(std::string_view lines);

  ~BlockList();
  BlockList(BlockList&& other) noexcept;
  BlockList& operator=(BlockList&&) = delete;

  /// Whether the password is one of them, as it is or in small letters.
  bool contains(const Secret& password) const;

 private:
  explicit BlockList(std::string_view lines);
  bool has_line(std::string_view line) const;
  Result<void> check_order() const;

  std::string_view lines_;
  bool is_hashed_ = false;
  std::size_t mapped_ = 0;  ///< bytes to be unmapped
};

/// The list that Wardlock brings along: the common ones among zxcvbn's, of 8 characters and more.
const BlockList& common_passwords();

}  // namespace wardlock::authn
