#include "cedar/parser/token_stream.h"

#include <utility>

namespace wardlock::cedar {
namespace {

/// How Cedar writes a word of other policy languages.
std::optional<std::string_view> in_cedar(std::string_view word) {
  if (word == "and") return "&&";
  if (word == "or") return "||";
  if (word == "allow") return "permit";
  if (word == "deny") return "forbid";
  return std::nullopt;
}

}  // namespace

Token TokenStream::advance() {
  last_end_ = current_.span.end;
  return std::exchange(current_, lexer_.next());
}

bool TokenStream::accept(TokenKind kind) {
  if (!at(kind)) return false;
  advance();
  return true;
}

bool TokenStream::accept_word(std::string_view word) {
  if (!at_word(word)) return false;
  advance();
  return true;
}

std::optional<Token> TokenStream::expect(TokenKind kind, std::string_view what) {
  if (at(kind)) return advance();
  unexpected(what);
  return std::nullopt;
}

bool TokenStream::expect_word(std::string_view word) {
  if (accept_word(word)) return true;
  unexpected(fmt::format("`{}`", word));
  return false;
}

void TokenStream::unexpected(std::string_view what) {
  std::string help = fmt::format("expected {}", what);
  if (at_end()) return report(current_.span, "unexpected end of the text", std::move(help));
  const std::string_view found = text(current_.span);
  if (const auto ours = in_cedar(found)) {
    help += fmt::format("; `{}` is written `{}`", found, *ours);
  }
  if (!at(TokenKind::kInvalid)) {
    return report(current_.span, fmt::format("unexpected `{}`", found), std::move(help));
  }
  if (found == "\"") {
    return report(current_.span, "this string does not end",
                  "close it with `\"`; a backslash cannot end a line");
  }
  if (found == "'") help = "strings stand in double quotes";
  report(current_.span, fmt::format("`{}` is not a Cedar character outside of a string", found),
         std::move(help));
}

void TokenStream::report(Span span, std::string message, std::string help) {
  if (is_full()) return;
  diagnostics_.push_back({Severity::kError, std::move(message), span, std::move(help)});
}

}  // namespace wardlock::cedar
