#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "base/error.h"

namespace wardlock::page {

/// What pages say, in one language: a text for each key. `{name}` in a text is filled in. The file
/// has a line `key = text` for each; blank lines and lines that begin with `#` are nothing. No text
/// depends on a number being one or many, as languages differ there. Immutable, so thread-safe.
class Words {
 public:
  Words() = default;
  /// Error: kInvalidArgument, a line is none of these, a key comes twice, or a gap is not closed.
  static Result<Words> read(std::string_view file);

  bool has(std::string_view key) const { return texts_.contains(key); }
  /// The key itself where there is no such text: somebody sees that it is missing.
  std::string_view of(std::string_view key) const;

  using Fill = std::function<Result<std::string>(std::string_view name)>;
  /// With what `fill` has for each gap. Error: as `fill`.
  Result<std::string> filled(std::string_view key, const Fill& fill) const;

  auto begin() const { return texts_.begin(); }
  auto end() const { return texts_.end(); }

 private:
  std::map<std::string, std::string, std::less<>> texts_;
};

}  // namespace wardlock::page
