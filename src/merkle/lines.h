#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace wardlock::merkle {

/// Takes a text apart into lines, each of which ends with a newline. Borrows the text.
class Lines {
 public:
  explicit Lines(std::string_view text) : rest_(text) {}

  /// The next line without its newline; nothing at the end, and where the newline is missing.
  std::optional<std::string_view> next();

  /// What follows the lines taken so far.
  std::string_view rest() const { return rest_; }
  /// Of the line that `next` gave last, from 1.
  std::size_t number() const { return number_; }

 private:
  std::string_view rest_;
  std::size_t number_ = 0;
};

}  // namespace wardlock::merkle
