#include "cedar/format/format.h"

#include <fmt/format.h>

#include <algorithm>

#include "cedar/format/commented_tokens.h"
#include "cedar/format/policy_layout.h"

namespace wardlock::cedar {
namespace {

/// Appends code between two strings or comments, without its blank lines.
void append_without_blank_lines(std::string& out, std::string_view code) {
  if (code.starts_with('\n')) out += '\n';
  while (!code.empty()) {
    const std::size_t newline = code.find('\n');
    const bool is_whole = newline != code.npos;
    const std::string_view line = code.substr(0, is_whole ? newline + 1 : code.size());
    if (!is_whole || !trim_blanks(line).empty()) out += line;
    code.remove_prefix(line.size());
  }
}

/// The length of the string or comment that `text` begins with, or 0.
std::size_t verbatim_length(std::string_view text) {
  if (text.starts_with("//")) return std::min(text.find_first_of("\r\n"), text.size());
  if (!text.starts_with('"')) return 0;
  std::size_t end = 1;
  while (end < text.size() && text[end] != '"') end += text[end] == '\\' ? 2 : 1;
  return std::min(end + 1, text.size());
}

std::string without_blank_lines(std::string_view text) {
  std::string out;
  std::size_t begin = 0;
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = verbatim_length(text.substr(i));
    if (length == 0) {
      ++i;
      continue;
    }
    append_without_blank_lines(out, text.substr(begin, i - begin));
    out += text.substr(i, length);
    i += length;
    begin = i;
  }
  append_without_blank_lines(out, text.substr(begin));
  return std::string(trim_blanks(out));
}

std::string lay_out(std::string_view text, const FormatOptions& options) {
  CommentedTokens tokens(text);
  std::string out;
  for (auto policy = tokens.next_policy(); !policy.empty(); policy = tokens.next_policy()) {
    if (!out.empty()) out += "\n\n";
    out += without_blank_lines(lay_out_policy(std::move(policy), options));
  }
  out += '\n';
  for (const std::string_view comment : tokens.comments_at_end()) {
    out += comment;
    out += '\n';
  }
  return out;
}

/// Blank lines inside what is broken, and comments behind blanks, can make a layout that itself is
/// laid out otherwise. It comes to rest after a few times.
std::string lay_out_until_stable(std::string_view text, const FormatOptions& options) {
  constexpr int kMaxTimes = 20;
  std::string out = lay_out(text, options);
  for (int i = 1; i < kMaxTimes; ++i) {
    std::string again = lay_out(out, options);
    if (again == out) break;
    out = std::move(again);
  }
  return out;
}

std::vector<std::string_view> comments_of(const std::vector<CommentedToken>& tokens) {
  std::vector<std::string_view> comments;
  for (const CommentedToken& token : tokens) {
    comments.insert(comments.end(), token.above.begin(), token.above.end());
    for (const std::string_view comment : comments_in(token.after)) comments.push_back(comment);
  }
  return comments;
}

/// Whether both texts have the same tokens and the same comments in the same order.
bool say_the_same(std::string_view one, std::string_view other) {
  CommentedTokens left_tokens(one);
  CommentedTokens right_tokens(other);
  const auto spelled_alike = [](const CommentedToken& a, const CommentedToken& b) {
    return a.kind == b.kind && spelling(a) == spelling(b);
  };
  while (true) {
    const auto left = left_tokens.next_policy();
    const auto right = right_tokens.next_policy();
    if (!std::ranges::equal(left, right, spelled_alike)) return false;
    if (comments_of(left) != comments_of(right)) return false;
    if (left.empty()) return left_tokens.comments_at_end() == right_tokens.comments_at_end();
  }
}

Diagnostics problem(std::string message, std::string help) {
  return {{Severity::kError, std::move(message), {}, std::move(help)}};
}

}  // namespace

Parsed<std::string> format_policies(std::string_view text, const FormatOptions& options,
                                    const ParseLimits& limits) {
  if (options.line_width > kMaxLineWidth || options.indent_width > kMaxIndentWidth) {
    return std::unexpected(problem(fmt::format("a line can be at most {} wide and an indent {}",
                                               kMaxLineWidth, kMaxIndentWidth),
                                   "choose smaller widths"));
  }
  TRY(parse_policies(text, {}, limits));
  std::string out = lay_out_until_stable(text, options);
  if (say_the_same(text, out)) return out;
  return std::unexpected(problem("this text cannot be laid out without changing what it says",
                                 "please report it; it is a defect of the formatter"));
}

}  // namespace wardlock::cedar
