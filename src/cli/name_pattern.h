#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"

namespace re2 {
class RE2;
}

namespace wardlock::cli {

/// A regular expression in RE2's syntax, to be found anywhere in a name. Looking takes time linear
/// in the name, and bounded memory, whatever the pattern. Movable.
class NamePattern {
 public:
  static Result<NamePattern> create(std::string_view pattern);
  NamePattern(NamePattern&&) noexcept;
  NamePattern& operator=(NamePattern&&) noexcept;
  ~NamePattern();

  bool is_in(std::string_view name) const;

 private:
  explicit NamePattern(std::unique_ptr<re2::RE2> pattern);

  std::unique_ptr<re2::RE2> pattern_;
};

}  // namespace wardlock::cli
