#include "prover/invariant/sentence.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "base/utf8.h"
#include "cedar/ast/names.h"
#include "cedar/parser/parser.h"
#include "prover/invariant/sentence_lexer.h"

namespace wardlock::prover {
namespace {

using Kind = SentenceToken::Kind;

constexpr std::string_view kForm =
    "`invariant NAME`, then `never:` or `always:`, who, `may`, actions, and what";

/// Reads sentences; stops with the first that is wrong in each.
class SentenceReader {
 public:
  SentenceReader(std::vector<SentenceToken> tokens, const SentenceLimits& limits)
      : tokens_(std::move(tokens)), limits_(limits) {}

  Parsed<std::vector<Sentence>> run() {
    while (peek().kind != Kind::kEnd && findings_.size() < limits_.max_diagnostics) {
      if (sentences_.size() == limits_.max_sentences) {
        refuse(peek().span, fmt::format("there are more than {} invariants", limits_.max_sentences),
               "split the file");
        break;
      }
      Sentence sentence;
      const std::size_t begin = at_;
      if (!read(sentence)) {
        skip(begin);
        continue;
      }
      if (!names_.insert(sentence.name).second) {
        refuse(sentence.name_span, fmt::format("two invariants are called `{}`", sentence.name),
               "give one of them another name");
      }
      sentences_.push_back(std::move(sentence));
    }
    if (!findings_.empty()) return std::unexpected(std::move(findings_));
    return std::move(sentences_);
  }

 private:
  const SentenceToken& peek(std::size_t ahead = 0) const {
    return tokens_[std::min(at_ + ahead, tokens_.size() - 1)];
  }
  const SentenceToken& take() { return tokens_[at_ + 1 < tokens_.size() ? at_++ : at_]; }
  bool is_word(std::string_view word) const {
    return peek().kind == Kind::kWord && peek().text == word;
  }
  bool take_word(std::string_view word) { return is_word(word) && (take(), true); }
  bool begins_sentence() const {
    return peek().kind == Kind::kEnd || peek().kind == Kind::kDoc || is_word("invariant");
  }

  bool refuse(Span span, std::string message, std::string help) {
    findings_.push_back({Severity::kError, std::move(message), span, std::move(help)});
    return false;
  }
  bool expected(std::string_view what, std::string help = "") {
    const SentenceToken& found = peek();
    const std::string shown =
        found.kind == Kind::kEnd
            ? "the end"
            : fmt::format("`{}`", printable(found.text.substr(0, found.text.find('\n'))));
    return refuse(found.span, fmt::format("{} is missing before {}", what, shown), std::move(help));
  }
  /// To where another one begins than that which began there.
  void skip(std::size_t begin) {
    if (at_ == begin) take();
    while (!begins_sentence()) take();
  }

  bool read(Sentence& sentence) {
    read_reason(sentence);
    const std::uint32_t begin = peek().span.begin;
    if (!take_word("invariant")) return expected("`invariant`", std::string(kForm));
    if (!read_name(sentence) || !read_mood(sentence)) return false;
    if (!read_those("anyone", sentence, sentence.who)) return false;
    if (!take_word("may")) return expected("`may`", "e.g. `Role::Nurse may view any Patient`");
    if (!read_actions(sentence) || !read_those("anything", sentence, sentence.what)) return false;
    while (!begins_sentence()) {
      if (!read_tail(sentence)) return false;
    }
    sentence.span = {begin, tokens_[at_ - 1].span.end};
    return true;
  }

  void read_reason(Sentence& sentence) {
    while (peek().kind == Kind::kDoc) {
      std::string_view line = take().text.substr(3);
      while (line.starts_with(' ')) line.remove_prefix(1);
      while (line.ends_with(' ') || line.ends_with('\r')) line.remove_suffix(1);
      if (!sentence.reason.empty() && !line.empty()) sentence.reason += ' ';
      sentence.reason += line;
    }
  }

  bool read_name(Sentence& sentence) {
    const SentenceToken& token = peek();
    if (token.kind != Kind::kWord && token.kind != Kind::kString) {
      return expected("the invariant's name", "a word such as `nurses-stay-on-their-ward`");
    }
    const auto name = word_or_string(token);
    if (!name || name->empty()) return refuse(token.span, "this is no name", "write a word");
    sentence.name = *name;
    sentence.name_span = take().span;
    return true;
  }

  bool read_mood(Sentence& sentence) {
    if (is_word("always")) {
      sentence.mood = Sentence::Mood::kAlways;
    } else if (!is_word("never")) {
      return expected("`never:` or `always:`");
    }
    take();
    return peek().kind == Kind::kColon ? (take(), true) : expected("`:`");
  }

  std::optional<std::string> word_or_string(const SentenceToken& token) {
    if (token.kind == Kind::kWord) return std::string(token.text);
    Arena arena;
    const auto uid = cedar::parse_entity_uid(fmt::format("T::{}", token.text), arena);
    return uid ? std::optional(std::string((*uid)->id)) : std::nullopt;
  }

  /// `A::B::C`, or `A::B::"id"` where `takes_string`.
  bool read_path(std::vector<std::string>& parts, Span& span, bool& ends_with_string) {
    span = peek().span;
    ends_with_string = false;
    while (true) {
      const SentenceToken& token = peek();
      const bool is_string = token.kind == Kind::kString && !parts.empty();
      if (token.kind != Kind::kWord && !is_string) return expected("a name");
      const auto part = word_or_string(token);
      if (!part) return refuse(token.span, "this text cannot be read", "it is written as in Cedar");
      parts.push_back(*part);
      span.end = take().span.end;
      ends_with_string = is_string;
      if (is_string || peek().kind != Kind::kPath) return true;
      take();
    }
  }

  static std::string joined(const std::vector<std::string>& parts, std::size_t count) {
    std::string out;
    for (std::size_t i = 0; i < count; ++i) out += (i > 0 ? "::" : "") + parts[i];
    return out;
  }

  const cedar::EntityUid* read_uid(Sentence& sentence, Span& span) {
    std::vector<std::string> parts;
    bool is_quoted = false;
    if (!read_path(parts, span, is_quoted)) return nullptr;
    const std::string type = joined(parts, parts.size() - 1);
    if (parts.size() < 2 || !cedar::is_name(type)) {
      refuse(span, fmt::format("`{}` is not one entity", printable(joined(parts, parts.size()))),
             "write `Type::id`, or `any Type`");
      return nullptr;
    }
    return cedar::make_uid(*sentence.arena, sentence.arena->copy(std::string_view(type)),
                           parts.back());
  }

  bool read_type(Sentence& sentence, Those& those) {
    std::vector<std::string> parts;
    bool is_quoted = false;
    if (!read_path(parts, those.span, is_quoted)) return false;
    const std::string type = joined(parts, parts.size());
    if (is_quoted || !cedar::is_name(type)) {
      return refuse(those.span, fmt::format("`{}` is not a type", printable(type)),
                    "write `any Type`, or one entity without `any`");
    }
    those.type = sentence.arena->copy(std::string_view(type));
    return true;
  }

  /// `all`: the word for everything.
  bool read_those(std::string_view all, Sentence& sentence, std::vector<Those>& out) {
    do {
      Those those{.span = peek().span};
      if (take_word("any")) {
        if (!read_type(sentence, those)) return false;
        if (take_word("in")) {
          Span span;
          those.in = read_uid(sentence, span);
          if (those.in == nullptr) return false;
          those.span.end = span.end;
        }
      } else if (!take_word(all)) {
        if (peek().kind != Kind::kWord || begins_sentence()) {
          return expected(
              all == "anyone" ? "who" : "what",
              fmt::format("`{}`, `any Type`, `any Type in Type::id` or `Type::id`", all));
        }
        those.in = read_uid(sentence, those.span);
        if (those.in == nullptr) return false;
      }
      out.push_back(those);
    } while (take_word("or") || take_comma());
    return true;
  }
  bool take_comma() { return peek().kind == Kind::kComma && (take(), true); }

  bool read_actions(Sentence& sentence) {
    if (is_word("do") && peek(1).text == "anything") return take(), take(), with_or_to();
    do {
      NamedAction action{.span = peek().span};
      std::vector<std::string> parts;
      bool is_quoted = false;
      if (peek().kind == Kind::kString) {
        const auto id = word_or_string(peek());
        if (!id)
          return refuse(peek().span, "this text cannot be read", "it is written as in Cedar");
        parts.push_back(*id);
        take();
      } else if (!read_path(parts, action.span, is_quoted)) {
        return false;
      }
      const std::string type = parts.size() == 1 ? "Action" : joined(parts, parts.size() - 1);
      if (!cedar::is_action_type(type) || !cedar::is_name(type)) {
        return refuse(action.span,
                      fmt::format("`{}` is no action", printable(joined(parts, parts.size()))),
                      "write an action's name, e.g. `view`, or `Action::view`");
      }
      action.uid = cedar::make_uid(*sentence.arena, sentence.arena->copy(std::string_view(type)),
                                   parts.back());
      sentence.actions.push_back(action);
    } while (take_word("or") || take_comma());
    return true;
  }
  /// `may do anything to any Patient`.
  bool with_or_to() {
    return take_word("to") || take_word("with") ||
           expected("`to`", "e.g. `may do anything to any Patient`");
  }

  bool read_tail(Sentence& sentence) {
    const Span span = peek().span;
    if (is_word("when") || is_word("unless")) return read_proviso(sentence);
    if (take_word("without")) {
      if (!take_word("obligation")) return expected("`obligation`");
      const SentenceToken& token = peek();
      const bool is_name = token.kind == Kind::kWord || token.kind == Kind::kString;
      const auto name = is_name ? word_or_string(token) : std::nullopt;
      if (!name) return expected("the obligation's name");
      sentence.without.push_back({*name, take().span});
      return true;
    }
    if (take_word("except")) {
      if (!take_word("under") || !take_word("break-glass")) return expected("`under break-glass`");
      if (sentence.mood == Sentence::Mood::kAlways) {
        return refuse(span, "`always` never speaks of overrides", "leave the exception out");
      }
      sentence.excepts_break_glass = true;
      return true;
    }
    return expected(
        "`when`, `unless`, `without obligation`, `except under break-glass` or another invariant");
  }

  bool read_proviso(Sentence& sentence) {
    const bool is_unless = take().text == "unless";
    if (peek().kind != Kind::kBlock) return expected("`{`", "a Cedar expression in `{…}`");
    const SentenceToken& block = take();
    const std::uint32_t offset = block.span.begin + 1;
    const std::string_view inner = block.text.substr(1, block.text.size() - 2);
    const auto expr = cedar::parse_expression(inner, *sentence.arena);
    if (!expr) {
      for (Diagnostic each : expr.error()) {
        each.span = {each.span.begin + offset, each.span.end + offset};
        findings_.push_back(std::move(each));
      }
      return false;
    }
    sentence.provisos.push_back({.is_unless = is_unless, .body = *expr, .offset = offset});
    return true;
  }

  std::vector<SentenceToken> tokens_;
  const SentenceLimits& limits_;
  std::size_t at_ = 0;
  Diagnostics findings_;
  std::set<std::string> names_;
  std::vector<Sentence> sentences_;
};

}  // namespace

Parsed<std::vector<Sentence>> read_sentences(std::string_view text, const SentenceLimits& limits) {
  const auto refuse = [](std::string message, Span span, std::string help) {
    return std::unexpected(
        Diagnostics{{Severity::kError, std::move(message), span, std::move(help)}});
  };
  if (text.size() > limits.max_bytes) {
    return refuse(fmt::format("the text has more than {} bytes", limits.max_bytes), {}, "split it");
  }
  if (const auto invalid = find_invalid_utf8(text)) {
    const auto at = static_cast<std::uint32_t>(*invalid);
    return refuse("the text is not UTF-8", {at, at + 1}, "");
  }
  auto tokens = lex_sentences(text);
  if (!tokens) return std::unexpected(std::move(tokens).error());
  return SentenceReader(*std::move(tokens), limits).run();
}

}  // namespace wardlock::prover
