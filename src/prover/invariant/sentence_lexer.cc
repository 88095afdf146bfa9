#include "prover/invariant/sentence_lexer.h"

#include <fmt/format.h>

#include <cstddef>

#include "base/utf8.h"

namespace wardlock::prover {
namespace {

using Kind = SentenceToken::Kind;

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

class SentenceLexer {
 public:
  explicit SentenceLexer(std::string_view text) : text_(text) {}

  Parsed<std::vector<SentenceToken>> run() {
    while (skip_blanks(), at_ < text_.size()) {
      const std::size_t begin = at_;
      const auto kind = next();
      if (!kind) return std::unexpected(Diagnostics{kind.error()});
      tokens_.push_back({*kind, span(begin), text_.substr(begin, at_ - begin)});
    }
    tokens_.push_back({Kind::kEnd, span(at_), {}});
    return std::move(tokens_);
  }

 private:
  using Step = std::expected<Kind, Diagnostic>;

  std::string_view rest() const { return text_.substr(at_); }
  Span span(std::size_t begin) const {
    return {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(at_)};
  }
  static bool is_doc(std::string_view rest) {
    return rest.starts_with("///") && !rest.starts_with("////");
  }
  void to_end_of_line() {
    while (at_ < text_.size() && text_[at_] != '\n') ++at_;
  }
  void skip_blanks() {
    while (at_ < text_.size()) {
      if (is_blank(text_[at_])) {
        ++at_;
      } else if (rest().starts_with("//") && !is_doc(rest())) {
        to_end_of_line();
      } else {
        return;
      }
    }
  }

  std::unexpected<Diagnostic> refuse(std::size_t begin, std::string message, std::string help) {
    return std::unexpected(
        Diagnostic{Severity::kError, std::move(message), span(begin), std::move(help)});
  }

  Step next() {
    const std::size_t begin = at_;
    const char c = text_[at_];
    if (is_doc(rest())) return to_end_of_line(), Kind::kDoc;
    if (rest().starts_with("::")) return at_ += 2, Kind::kPath;
    if (c == ':') return ++at_, Kind::kColon;
    if (c == ',') return ++at_, Kind::kComma;
    if (is_letter(c)) return word();
    if (c == '"') {
      if (string()) return Kind::kString;
      return refuse(begin, "the text has no end", "it ends with `\"`, on the same line");
    }
    if (c == '{') {
      if (block()) return Kind::kBlock;
      return refuse(begin, "the condition has no end", "it ends with `}`");
    }
    do ++at_;
    while (at_ < text_.size() && is_continuation_byte(text_[at_]));
    return refuse(
        begin, fmt::format("`{}` means nothing here", printable(text_.substr(begin, at_ - begin))),
        "conditions stand in `{…}`, ids with signs in them in quotes");
  }

  Kind word() {
    const auto goes_on = [&](std::size_t i) {
      return i < text_.size() && (is_letter(text_[i]) || is_digit(text_[i]));
    };
    while (goes_on(at_) || (at_ < text_.size() && text_[at_] == '-' && goes_on(at_ + 1))) ++at_;
    return Kind::kWord;
  }

  bool string() {
    for (++at_; at_ < text_.size() && text_[at_] != '\n'; ++at_) {
      if (text_[at_] == '\\') {
        ++at_;
      } else if (text_[at_] == '"') {
        return ++at_, true;
      }
    }
    return false;
  }

  /// To the brace that closes it; those in texts and comments do not count.
  bool block() {
    std::size_t depth = 0;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '"') {
        if (!string()) return false;
        continue;
      }
      if (rest().starts_with("//")) {
        to_end_of_line();
        continue;
      }
      ++at_;
      if (c == '{') ++depth;
      if (c == '}' && --depth == 0) return true;
    }
    return false;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::vector<SentenceToken> tokens_;
};

}  // namespace

Parsed<std::vector<SentenceToken>> lex_sentences(std::string_view text) {
  return SentenceLexer(text).run();
}

}  // namespace wardlock::prover
