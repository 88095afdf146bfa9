#include "cli/name_pattern.h"

#include <fmt/format.h>
#include <re2/re2.h>

namespace wardlock::cli {
namespace {

/// As much of a pattern as a message can bear.
std::string shortened(std::string_view text) {
  constexpr std::size_t kMaxShown = 80;
  if (text.size() <= kMaxShown) return std::string(text);
  return fmt::format("{}…", text.substr(0, kMaxShown));
}

}  // namespace

Result<NamePattern> NamePattern::create(std::string_view pattern) {
  RE2::Options options;
  options.set_log_errors(false);
  auto made = std::make_unique<re2::RE2>(re2::StringPiece(pattern.data(), pattern.size()), options);
  if (made->ok()) return NamePattern(std::move(made));
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("`{}` is not a regular expression: {}", shortened(pattern),
                          shortened(made->error())));
}

NamePattern::NamePattern(std::unique_ptr<re2::RE2> pattern) : pattern_(std::move(pattern)) {}
NamePattern::NamePattern(NamePattern&&) noexcept = default;
NamePattern& NamePattern::operator=(NamePattern&&) noexcept = default;
NamePattern::~NamePattern() = default;

bool NamePattern::is_in(std::string_view name) const {
  return RE2::PartialMatch(re2::StringPiece(name.data(), name.size()), *pattern_);
}

}  // namespace wardlock::cli
