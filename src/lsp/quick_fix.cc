#include "lsp/quick_fix.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "cedar/parser/lexer.h"

namespace wardlock::lsp {
namespace {

constexpr std::string_view kQuestion = "did you mean `";

std::optional<std::string_view> suggested(std::string_view message) {
  const std::size_t at = message.find(kQuestion);
  if (at == std::string_view::npos) return std::nullopt;
  message.remove_prefix(at + kQuestion.size());
  const std::size_t end = message.find('`');
  if (end == std::string_view::npos || end == 0) return std::nullopt;
  return message.substr(0, end);
}

/// The texts that a message quotes.
std::vector<std::string_view> words_in_quotes(std::string_view message) {
  std::vector<std::string_view> words;
  while (true) {
    const std::size_t begin = message.find('`');
    const std::size_t end = begin == std::string_view::npos ? begin : message.find('`', begin + 1);
    if (end == std::string_view::npos) return words;
    words.push_back(message.substr(begin + 1, end - begin - 1));
    message.remove_prefix(end + 1);
  }
}

}  // namespace

std::optional<QuickFix> quick_fix(const Diagnostic& diagnostic, std::string_view text) {
  auto replacement = suggested(diagnostic.message);
  if (!replacement) replacement = suggested(diagnostic.help);
  if (!replacement) return std::nullopt;
  // The span may be wider than the word: the last place in it that the message quotes is meant.
  const std::string_view shown =
      text.substr(diagnostic.span.begin, diagnostic.span.end - diagnostic.span.begin);
  for (const std::string_view word : words_in_quotes(diagnostic.message)) {
    const std::size_t at = shown.rfind(word);
    if (word.empty() || word == *replacement || at == std::string_view::npos) continue;
    const auto begin = static_cast<std::uint32_t>(diagnostic.span.begin + at);
    return QuickFix{fmt::format("Change to `{}`", *replacement),
                    {begin, static_cast<std::uint32_t>(begin + word.size())},
                    std::string(*replacement)};
  }
  return std::nullopt;
}

}  // namespace wardlock::lsp
