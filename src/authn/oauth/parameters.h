#pragma once

#include <cstddef>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "authn/oauth/refusal.h"

namespace wardlock::oauth {

/// The parameters of a request, each at most once but `resource` and `audience` (RFC 6749, 3.1;
/// RFC 8707, 2; RFC 8693, 2.1). One without a value is as if it were not there (RFC 6749, 3.1).
class Parameters {
 public:
  /// Of a whole query or form. A JWT of the longest kind, and all else, fits.
  static constexpr std::size_t kMostBytes = std::size_t{48} << 10;
  /// Of a value that is no JWT.
  static constexpr std::size_t kMostValueBytes = 4096;

  Parameters() = default;
  /// For those that were read before. Requires that no name comes twice that may not.
  Parameters(std::initializer_list<std::pair<std::string, std::string>> all) : all_(all) {}

  /// Reads `application/x-www-form-urlencoded`. Refuses what is too long, malformed, or comes
  /// twice.
  static Answer<Parameters> read(std::string_view form);

  /// Nothing: it is not there.
  std::optional<std::string_view> find(std::string_view name) const;
  /// Empty: it is not there.
  std::string_view text(std::string_view name) const { return find(name).value_or(""); }
  bool has(std::string_view name) const { return find(name).has_value(); }
  /// Refuses, where it is not there.
  Answer<std::string_view> need(std::string_view name) const;
  std::vector<std::string> all(std::string_view name) const;

  /// Replaces what was there.
  void set(std::string_view name, std::string_view value);
  void remove(std::string_view name);

  /// As a query or a form has them.
  std::string form() const;
  const std::vector<std::pair<std::string, std::string>>& list() const { return all_; }

 private:
  std::vector<std::pair<std::string, std::string>> all_;
};

/// The words of a list with spaces between them, each once, in their order.
std::vector<std::string> split_words(std::string_view text);
std::string join_words(const std::vector<std::string>& words);

}  // namespace wardlock::oauth
