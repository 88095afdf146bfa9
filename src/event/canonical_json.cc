#include "event/canonical_json.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/eight_bytes.h"
#include "base/utf8.h"

namespace wardlock::event {
namespace {

/// Beyond it a double, which is what JSON's readers have, is no longer exact.
constexpr std::int64_t kMostInteger = (std::int64_t{1} << 53) - 1;

constexpr std::string_view kReplacement = "\uFFFD";
constexpr std::string_view kHexDigits = "0123456789abcdef";

/// ASCII without quotes, backslashes and controls. Eight at a time: this is on the way of each
/// decision.
bool is_plain(std::string_view text) {
  const auto find_odd = [](const char* at) {
    const std::uint64_t eight = load_eight(at);
    return find_special(eight) | (eight & kHighBits);
  };
  const char* at = text.data();
  const char* const end = at + text.size();
  if (text.size() < 8) {
    return std::none_of(
        at, end, [](char c) { return is_special(c) || static_cast<unsigned char>(c) >= 0x80; });
  }
  std::uint64_t odd = find_odd(end - 8);
  for (; end - at > 8; at += 8) odd |= find_odd(at);
  return odd == 0;
}

/// What RFC 8785 §3.2.2.2 has after the backslash for such a character, or 0: it is written as four
/// hexadecimal digits, or as it is.
char short_escape(char c) {
  switch (c) {
    case '\b': return 'b';
    case '\t': return 't';
    case '\n': return 'n';
    case '\f': return 'f';
    case '\r': return 'r';
    case '"':
    case '\\': return c;
    default: return 0;
  }
}

void append_character(std::string& out, char c) {
  if (const char name = short_escape(c)) {
    out += '\\';
    out += name;
  } else if (static_cast<unsigned char>(c) < 0x20) {
    out += "\\u00";
    out += kHexDigits[static_cast<unsigned char>(c) >> 4];
    out += kHexDigits[static_cast<unsigned char>(c) & 15];
  } else {
    out += c;
  }
}

/// In quotes, behind `before`.
void append_string(std::string& out, std::string_view before, std::string_view text) {
  if (is_plain(text)) {
    // Room is made once: this is on the way of each decision.
    const std::size_t size = out.size() + before.size() + text.size() + 2;
    out.resize_and_overwrite(size, [&, at = out.size()](char* bytes, std::size_t) {
      char* next = std::copy(before.begin(), before.end(), bytes + at);
      *next++ = '"';
      next = std::copy(text.begin(), text.end(), next);
      *next = '"';
      return size;
    });
    return;
  }
  out += before;
  out += '"';
  while (!text.empty()) {
    const std::size_t valid = find_invalid_utf8(text).value_or(text.size());
    for (const char c : text.substr(0, valid)) append_character(out, c);
    if (valid < text.size()) out += kReplacement;
    text.remove_prefix(std::min(valid + 1, text.size()));
  }
  out += '"';
}

/// Writes fields one after another, with their keys. What an empty value means is said in event.h.
class ObjectWriter {
 public:
  ObjectWriter(const Event& event, std::string& out)
      : event_(event), out_(out), begin_(out.size()) {}

  Result<void> add(const Field& field) {
    field_ = &field;
    return std::visit([this](auto place) { return write(event_.*place); }, field.place);
  }

  /// `{}` only where `is_required`.
  void finish(bool is_required) {
    const bool is_empty = out_.size() == begin_;
    if (is_empty && !is_required) return;
    if (is_empty) out_ += ',';
    out_[begin_] = '{';  // where the first member has its comma
    out_ += '}';
  }

 private:
  std::string_view key() const { return json_key(*field_); }

  /// So that a text of any size fails before it is copied.
  Result<void> check_size(std::string_view text) const {
    if (field_->care == Care::kFreeText && text.size() > kMaxFreeTextBytes) {
      return invalid(fmt::format("the `{}` has {} bytes; at most {} are kept: shorten it",
                                 field_->name, text.size(), kMaxFreeTextBytes));
    }
    if (text.size() > kMaxEventBytes) {
      return fail(ErrorCode::kResourceExhausted,
                  fmt::format("the `{}` has {} bytes; an event has at most {}: shorten it",
                              field_->name, text.size(), kMaxEventBytes));
    }
    return {};
  }

  Result<void> write(std::string_view text) {
    if (text.empty()) return {};
    if (text.size() > kMaxFreeTextBytes) TRY_VOID(check_size(text));
    append_string(out_, key(), text);
    return {};
  }

  Result<void> write(std::int64_t number) {
    if (number < -kMostInteger || number > kMostInteger) {
      return invalid(fmt::format("the `{}` is {}; at most {} can be kept", field_->name, number,
                                 kMostInteger));
    }
    const fmt::format_int text(number);
    out_ += key();
    out_.append(text.data(), text.size());
    return {};
  }

  Result<void> write(std::optional<std::int64_t> number) {
    return number ? write(*number) : Result<void>();
  }

  Result<void> write(std::optional<bool> flag) {
    if (!flag) return {};
    out_ += key();
    out_ += *flag ? "true" : "false";
    return {};
  }

  Result<void> write(Texts texts) {
    if (texts.empty()) return {};
    out_ += key();
    std::string_view before = "[";
    for (const std::string_view text : texts) {
      TRY_VOID(check_size(text));
      append_string(out_, before, text);
      before = ",";
    }
    out_ += ']';
    return {};
  }

  Result<void> write(Kind kind) { return write(to_string(kind)); }
  Result<void> write(Outcome outcome) { return write(to_string(outcome)); }

  const Event& event_;
  std::string& out_;
  const std::size_t begin_;
  const Field* field_ = nullptr;
};

std::unexpected<Error> damaged(std::string_view what) {
  return fail(ErrorCode::kDataLoss, fmt::format("not an event's canonical JSON: {}", what));
}

/// Reads canonical JSON piece by piece. Each member returns false where something else stands.
class Scanner {
 public:
  Scanner(std::string_view text, Arena& arena) : text_(text), arena_(arena) {}

  bool take(char c) {
    if (!text_.starts_with(c)) return false;
    text_.remove_prefix(1);
    return true;
  }
  bool take(std::string_view word) {
    if (!text_.starts_with(word)) return false;
    text_.remove_prefix(word.size());
    return true;
  }
  bool is_at_end() const { return text_.empty(); }

  bool read(std::string_view& out) { return read_string(out) && !out.empty(); }

  bool read(std::int64_t& out) {
    const bool is_negative = take('-');
    std::int64_t number = 0;
    std::size_t digits = 0;
    while (digits < text_.size() && text_[digits] >= '0' && text_[digits] <= '9') {
      number = number * 10 + (text_[digits++] - '0');
      if (number > kMostInteger) return false;
    }
    if (digits == 0 || (text_.front() == '0' && (digits > 1 || is_negative))) return false;
    text_.remove_prefix(digits);
    out = is_negative ? -number : number;
    return true;
  }

  bool read(std::optional<std::int64_t>& out) { return read(out.emplace()); }

  bool read(std::optional<bool>& out) {
    out = text_.starts_with('t');
    return take(*out ? "true" : "false");
  }

  bool read(Texts& out) {
    std::pmr::vector<std::string_view> texts(arena_.resource());
    if (!take('[')) return false;
    do {
      if (!read_string(texts.emplace_back())) return false;
    } while (take(','));
    out = arena_.copy(texts);
    return take(']');
  }

  bool read(Kind& out) { return read_word(out, find_kind); }
  bool read(Outcome& out) { return read_word(out, find_outcome); }

  /// Keys have no escapes.
  bool read_key(std::string_view& out) {
    if (!take('"')) return false;
    out = take_plain();
    return take("\":");
  }

 private:
  template <typename Word, typename Find>
  bool read_word(Word& out, Find find) {
    std::string_view name;
    if (!read_string(name)) return false;
    const auto word = find(name);
    if (word) out = *word;
    return word.has_value();
  }

  /// Up to a quote, a backslash or what must not be there.
  std::string_view take_plain() {
    const auto end = std::ranges::find_if(text_, [](char c) {
      return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20;
    });
    const std::string_view out = text_.substr(0, static_cast<std::size_t>(end - text_.begin()));
    text_.remove_prefix(out.size());
    return out;
  }

  bool read_string(std::string_view& out) {
    if (!take('"')) return false;
    out = take_plain();
    if (!take('"') && !read_escaped(out)) return false;
    return is_plain(out) || !find_invalid_utf8(out);
  }

  /// Goes on where `out` was read, at something special.
  bool read_escaped(std::string_view& out) {
    std::pmr::string text(out, arena_.resource());
    while (!take('"')) {
      if (!take('\\') || !read_escape(text)) return false;
      text += take_plain();
    }
    out = arena_.copy(std::string_view(text));
    return true;
  }

  /// Each character has one escape only; see `short_escape`.
  bool read_escape(std::pmr::string& out) {
    if (text_.empty()) return false;
    constexpr std::string_view kMeant = "\b\t\n\f\r\"\\";
    for (const char c : kMeant) {
      if (!take(short_escape(c))) continue;
      out += c;
      return true;
    }
    if (!take("u00") || text_.size() < 2) return false;
    const std::size_t high = kHexDigits.find(text_[0]), low = kHexDigits.find(text_[1]);
    if (high > 1 || low == std::string_view::npos) return false;
    const char c = static_cast<char>(high << 4 | low);
    if (short_escape(c) != 0) return false;
    out += c;
    text_.remove_prefix(2);
    return true;
  }

  std::string_view text_;
  Arena& arena_;
};

/// The one with that name, or null. Keys are in order: the next is looked for behind the one
/// before, which compares few names.
const Field* find_next(std::span<const Field* const>& left, std::string_view name) {
  const auto found = std::ranges::find(left, name, &Field::name);
  if (found == left.end()) return find_field(name);
  left = {std::next(found), left.end()};
  return *found;
}

Result<const Field*> read_field(Scanner& scanner, Part part, std::span<const Field* const>& left,
                                Event& event) {
  std::string_view name;
  if (!scanner.read_key(name)) return damaged("a key is wanted");
  const Field* const field = find_next(left, name);
  if (field == nullptr || field->care == Care::kSaid) {
    return fail(ErrorCode::kUnimplemented,
                fmt::format("an event with the field `{}`, which this version does not know: read "
                            "it with a newer one",
                            printable(name)));
  }
  if (field->part != part) {
    return damaged(fmt::format("`{}` does not belong to this part", name));
  }
  if (!std::visit([&](auto place) { return scanner.read(event.*place); }, field->place)) {
    return damaged(fmt::format("the value of `{}`", name));
  }
  return field;
}

}  // namespace

Result<void> write_part(const Event& event, Part part, std::string& out) {
  ObjectWriter writer(event, out);
  for (const Field* const field : fields_of(part)) TRY_VOID(writer.add(*field));
  writer.finish(part == Part::kClear);
  return {};
}

Result<void> write_event(const Event& event, std::string& out) {
  ObjectWriter writer(event, out);
  for (const Field& field : all_fields()) TRY_VOID(writer.add(field));
  writer.finish(true);
  return {};
}

Result<void> read_part(std::string_view json, Part part, Event& event, Arena& arena) {
  Scanner scanner(json, arena);
  if (!scanner.take('{')) return damaged("an object is wanted");
  const Field* latest = nullptr;
  std::span<const Field* const> left = fields_of(part);
  std::ptrdiff_t required =
      part == Part::kClear ? std::ranges::count(all_fields(), Care::kRequired, &Field::care) : 0;
  do {
    const Field* const field = TRY(read_field(scanner, part, left, event));
    if (latest != nullptr && field <= latest) return damaged("keys are out of order");
    latest = field;
    if (field->care == Care::kRequired) --required;
  } while (scanner.take(','));
  if (!scanner.take('}') || !scanner.is_at_end()) return damaged("it goes on");
  if (required > 0) return damaged("it lacks the id, kind, outcome or time");
  return {};
}

}  // namespace wardlock::event
