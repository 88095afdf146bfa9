#include "cedar/parser/lexer.h"

#include <algorithm>
#include <array>
#include <utility>

namespace wardlock::cedar {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_identifier_part(char c) { return is_letter(c) || is_digit(c); }

/// The length in bytes of the White_Space character that `text` begins with, or 0.
std::size_t blank_length(std::string_view text) {
  const char c = text.front();
  if (c == ' ' || (c >= '\t' && c <= '\r')) return 1;
  if (static_cast<unsigned char>(c) < 0x80) return 0;
  static constexpr std::array<std::string_view, 19> kWide = {
      "\u0085", "\u00A0", "\u1680", "\u2000", "\u2001", "\u2002", "\u2003",
      "\u2004", "\u2005", "\u2006", "\u2007", "\u2008", "\u2009", "\u200A",
      "\u2028", "\u2029", "\u202F", "\u205F", "\u3000"};
  for (const std::string_view blank : kWide) {
    if (text.starts_with(blank)) return blank.size();
  }
  return 0;
}

/// The length of the UTF-8 character that `text` begins with.
std::size_t character_length(std::string_view text) {
  std::size_t length = 1;
  while (length < text.size() && (static_cast<unsigned char>(text[length]) & 0xC0) == 0x80) {
    ++length;
  }
  return length;
}

struct Punctuation {
  std::string_view text;
  TokenKind kind;
};
/// Longer ones first.
constexpr std::array<Punctuation, 28> kPunctuation = {{
    {"::", TokenKind::kColons},       {"==", TokenKind::kEqual},
    {"!=", TokenKind::kNotEqual},     {"<=", TokenKind::kLessEqual},
    {">=", TokenKind::kGreaterEqual}, {"||", TokenKind::kOr},
    {"&&", TokenKind::kAnd},          {"@", TokenKind::kAt},
    {",", TokenKind::kComma},         {";", TokenKind::kSemicolon},
    {":", TokenKind::kColon},         {".", TokenKind::kDot},
    {"(", TokenKind::kLeftParen},     {")", TokenKind::kRightParen},
    {"{", TokenKind::kLeftBrace},     {"}", TokenKind::kRightBrace},
    {"[", TokenKind::kLeftBracket},   {"]", TokenKind::kRightBracket},
    {"<", TokenKind::kLess},          {">", TokenKind::kGreater},
    {"=", TokenKind::kAssign},        {"+", TokenKind::kPlus},
    {"-", TokenKind::kMinus},         {"*", TokenKind::kStar},
    {"/", TokenKind::kSlash},         {"%", TokenKind::kPercent},
    {"!", TokenKind::kBang},          {"?", TokenKind::kQuestion},
}};

}  // namespace

std::string_view trim_blanks(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = blank_length(text);
    if (length == 0) break;
    text.remove_prefix(length);
  }
  while (!text.empty()) {
    std::size_t begin = text.size() - 1;
    while (begin > 0 && (static_cast<unsigned char>(text[begin]) & 0xC0) == 0x80) --begin;
    if (blank_length(text.substr(begin)) != text.size() - begin) break;
    text = text.substr(0, begin);
  }
  return text;
}

void Lexer::skip_blanks() {
  while (position_ < text_.size()) {
    const std::string_view rest = text_.substr(position_);
    if (const std::size_t length = blank_length(rest); length > 0) {
      position_ += length;
    } else if (rest.starts_with("//")) {
      position_ += std::min(rest.find_first_of("\r\n"), rest.size());
    } else {
      return;
    }
  }
}

Token Lexer::take(TokenKind kind, std::size_t length) {
  const std::size_t begin = position_;
  position_ += length;
  return {kind, {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(position_)}};
}

Token Lexer::take_while(TokenKind kind, std::size_t from, bool (*belongs)(char)) {
  std::size_t end = position_ + from;
  while (end < text_.size() && belongs(text_[end])) ++end;
  return take(kind, end - position_);
}

/// A backslash takes any character but a newline with it; what it means is decided later.
Token Lexer::take_string() {
  for (std::size_t end = position_ + 1; end < text_.size(); ++end) {
    if (text_[end] == '"') return take(TokenKind::kString, end + 1 - position_);
    if (text_[end] != '\\') continue;
    ++end;
    if (end < text_.size() && text_[end] == '\n') break;
  }
  return take(TokenKind::kInvalid, 1);
}

Token Lexer::take_punctuation() {
  const std::string_view rest = text_.substr(position_);
  for (const auto& [text, kind] : kPunctuation) {
    if (rest.starts_with(text)) return take(kind, text.size());
  }
  return take(TokenKind::kInvalid, character_length(rest));
}

Token Lexer::next() {
  skip_blanks();
  if (position_ == text_.size()) return take(TokenKind::kEnd, 0);
  const char c = text_[position_];
  if (is_letter(c)) return take_while(TokenKind::kIdentifier, 0, is_identifier_part);
  if (is_digit(c)) return take_while(TokenKind::kNumber, 0, is_digit);
  if (c == '"') return take_string();
  const bool begins_slot =
      c == '?' && position_ + 1 < text_.size() && is_letter(text_[position_ + 1]);
  if (begins_slot) return take_while(TokenKind::kSlot, 1, is_identifier_part);
  return take_punctuation();
}

}  // namespace wardlock::cedar
