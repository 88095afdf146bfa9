#include "base/diagnostic.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/utf8.h"

namespace wardlock {
namespace {

/// The excerpt as it may be shown, each character still in its column.
std::string in_columns(std::string_view line) {
  std::string out;
  while (!line.empty()) {
    const std::size_t length = std::clamp<std::size_t>(
        std::ranges::find_if_not(line.substr(1), is_continuation_byte) - line.begin(), 1, 4);
    const std::string_view character = line.substr(0, length);
    out += character != "\t" && printable(character) == character ? character : " ";
    line.remove_prefix(character.size());
  }
  return out;
}

/// The line around `offset`, without its end; long lines are cut around the place.
struct Excerpt {
  std::string_view line;
  std::uint32_t begin;
};
Excerpt line_around(std::string_view text, std::uint32_t offset) {
  constexpr std::size_t kMaxBefore = 100;
  constexpr std::size_t kMaxAfter = 100;
  std::size_t begin = offset == 0 ? 0 : text.rfind('\n', offset - 1) + 1;
  std::size_t end = std::min(text.find('\n', offset), text.size());
  if (offset - begin > kMaxBefore) begin = offset - kMaxBefore;
  if (end - offset > kMaxAfter) end = offset + kMaxAfter;
  while (begin < offset && is_continuation_byte(text[begin])) ++begin;
  while (end > offset && end < text.size() && is_continuation_byte(text[end])) --end;
  return {text.substr(begin, end - begin), static_cast<std::uint32_t>(begin)};
}

}  // namespace

Position position_at(std::string_view text, std::uint32_t offset) {
  const std::string_view before = text.substr(0, std::min<std::size_t>(offset, text.size()));
  const std::size_t last_newline = before.rfind('\n');
  const std::string_view line =
      last_newline == std::string_view::npos ? before : before.substr(last_newline + 1);
  return {static_cast<std::uint32_t>(1 + std::ranges::count(before, '\n')),
          1 + count_code_points(line)};
}

std::string render(const Diagnostic& diagnostic, std::string_view text, std::string_view file,
                   bool colour) {
  const auto offset =
      static_cast<std::uint32_t>(std::min<std::size_t>(diagnostic.span.begin, text.size()));
  const Position place = position_at(text, offset);
  const Excerpt excerpt = line_around(text, offset);
  const bool is_error = diagnostic.severity == Severity::kError;
  const std::string_view bold = colour ? "\033[1m" : "";
  const std::string_view hue = !colour ? "" : is_error ? "\033[31m" : "\033[33m";
  const std::string_view plain = colour ? "\033[0m" : "";

  std::string out =
      fmt::format("{}{}:{}:{}: {}{}:{} {}\n", bold, printable(file), place.line, place.column, hue,
                  is_error ? "error" : "warning", plain, printable(diagnostic.message));
  if (!excerpt.line.empty()) {
    const std::size_t end =
        std::clamp<std::size_t>(diagnostic.span.end, offset, excerpt.begin + excerpt.line.size());
    const std::uint32_t indent = count_code_points(excerpt.line.substr(0, offset - excerpt.begin));
    const std::uint32_t width = std::max(1U, count_code_points(text.substr(offset, end - offset)));
    out += fmt::format("  | {}\n  | {}{}{}{}\n", in_columns(excerpt.line), std::string(indent, ' '),
                       hue, std::string(width, '^'), plain);
  }
  if (!diagnostic.help.empty()) out += fmt::format("  = {}\n", printable(diagnostic.help));
  return out;
}

Error to_error(const Diagnostics& diagnostics, std::string_view text, std::string_view file) {
  std::string message;
  for (const Diagnostic& diagnostic : diagnostics) message += render(diagnostic, text, file);
  if (!message.empty()) message.pop_back();
  return {ErrorCode::kInvalidArgument, message};
}

}  // namespace wardlock
