#include "directory/identifier/refusal.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <utility>

#include "base/utf8.h"

namespace wardlock::directory {

std::unexpected<Diagnostics> refuse(std::size_t begin, std::size_t end, std::string message,
                                    std::string help) {
  const Span span{static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end)};
  return std::unexpected(Diagnostics{{.severity = Severity::kError,
                                      .message = std::move(message),
                                      .span = span,
                                      .help = std::move(help)}});
}

Parsed<Trimmed> trim(std::string_view text, std::string_view name, std::size_t max_bytes) {
  constexpr std::string_view kBlank = " \t\r\n";
  const std::size_t begin = std::min(text.find_first_not_of(kBlank), text.size());
  const std::size_t end = std::max(begin, text.find_last_not_of(kBlank) + 1);
  const std::string_view inner = text.substr(begin, end - begin);
  if (inner.empty()) return refuse(0, text.size(), fmt::format("there is no {}", name), "give one");
  if (inner.size() > max_bytes) {
    return refuse(begin + max_bytes, end, fmt::format("this is too long for a {}", name),
                  fmt::format("it has at most {} bytes", max_bytes));
  }
  if (const auto wrong = find_invalid_utf8(inner)) {
    return refuse(begin + *wrong, begin + *wrong + 1, "this is not text in UTF-8",
                  "send it in UTF-8");
  }
  return Trimmed{inner, begin};
}

}  // namespace wardlock::directory
