#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "base/utf8.h"
#include "directory/inventory/entry.h"
#include "directory/inventory/inventory_text.h"

namespace wardlock::directory {
namespace {

using codec::Json;

constexpr codec::JsonLimits kItemLimits = {
    .max_bytes = kMaxEntryBytes, .max_depth = 8, .max_members = 128};
constexpr std::array<std::string_view, 2> kLists = {"things", "relations"};
/// With one of these a bill of materials begins (CycloneDX).
constexpr std::array<std::string_view, 3> kOfBill = {"$schema", "bomFormat", "specVersion"};
constexpr std::array<std::string_view, 3> kPassedOver = {"since", "revision", "removed"};

/// The message of a parser's error, with lines counted from the beginning of the file.
std::string with_line(std::string message, std::uint32_t first_line) {
  const std::size_t at = message.rfind(" (line ");
  if (at == std::string::npos) return message;
  std::uint32_t line = 0;
  std::size_t digit = at + std::string_view(" (line ").size();
  for (; digit < message.size() && message[digit] >= '0' && message[digit] <= '9'; ++digit) {
    line = line * 10 + static_cast<std::uint32_t>(message[digit] - '0');
  }
  const std::string rest = line == 1 ? ")" : message.substr(digit);
  return fmt::format("{} (line {}{}", message.substr(0, at), first_line + line - 1, rest);
}

/// Finds the items of the lists, without reading what is in them.
class Splitter {
 public:
  explicit Splitter(Text& text) : at_(text) {}

  Result<void> each(const std::function<Result<void>(const ItemPlace&)>& visit) {
    TRY_VOID(skip_mark());
    TRY_VOID(expect('{'));
    if (TRY(take('}'))) return expect_end();
    do {
      const std::string name = TRY(read_name());
      TRY_VOID(expect(':'));
      TRY_VOID(skip_space());
      if (is_one_of(kLists, name)) {
        TRY_VOID(each_item(name, visit));
      } else if (is_one_of(kPassedOver, name)) {
        TRY_VOID(skip_value(UINT64_MAX));
      } else {
        return wrong(
            fmt::format("`{}` is no member of a file of things and relations: they are in "
                        "`things` and `relations`{}",
                        printable(name),
                        is_one_of(kOfBill, name) ? "; if it is a bill of materials: `--format "
                                                   "cyclonedx`, or call it `….cdx.json`"
                                                 : ""));
      }
    } while (TRY(take(',')));
    TRY_VOID(expect('}'));
    return expect_end();
  }

 private:
  static bool is_one_of(std::span<const std::string_view> words, std::string_view word) {
    return std::ranges::find(words, word) != words.end();
  }

  std::unexpected<Error> wrong(std::string_view message) const {
    return invalid(fmt::format("line {}: {}", at_.line(), message));
  }

  /// A byte order mark.
  Result<void> skip_mark() {
    for (const int byte : {0xEF, 0xBB, 0xBF}) {
      if (TRY(at_.peek()) != byte) break;
      at_.advance();
    }
    return {};
  }

  Result<void> skip_space() {
    for (;;) {
      const int c = TRY(at_.peek());
      if (c != ' ' && c != '\n' && c != '\r' && c != '\t') return {};
      at_.advance();
    }
  }

  Result<bool> take(char c) {
    TRY_VOID(skip_space());
    if (TRY(at_.peek()) != c) return false;
    at_.advance();
    return true;
  }
  Result<void> expect(char c) {
    if (TRY(take(c))) return {};
    return wrong(fmt::format("`{}` is expected here", c));
  }
  Result<void> expect_end() {
    TRY_VOID(skip_space());
    if (TRY(at_.peek()) < 0) return {};
    return wrong("there is more behind the end of the object; one file is one object");
  }

  Result<std::string> read_name() {
    TRY_VOID(expect('"'));
    constexpr std::size_t kMost = 64;
    std::string name;
    for (;;) {
      const int c = TRY(at_.peek());
      if (c < 0x20 || c == '\\' || name.size() > kMost) return wrong("a name is expected here");
      at_.advance();
      if (c == '"') return name;
      name += static_cast<char>(c);
    }
  }

  Result<void> each_item(std::string_view list,
                         const std::function<Result<void>(const ItemPlace&)>& visit) {
    if (!TRY(take('['))) return wrong(fmt::format("`{}` is a list: `[` is expected here", list));
    if (TRY(take(']'))) return {};
    do {
      TRY_VOID(skip_space());
      const ItemPlace begin{.offset = at_.offset(), .line = at_.line()};
      TRY_VOID(skip_value(kMaxEntryBytes));
      ItemPlace place = begin;
      place.size = static_cast<std::uint32_t>(at_.offset() - begin.offset);
      if (place.size == 0) return wrong("an object is expected here");
      TRY_VOID(visit(place));
    } while (TRY(take(',')));
    return expect(']');
  }

  /// Up to what comes behind it, however wrong it is inside.
  Result<void> skip_value(std::uint64_t most) {
    const std::uint64_t begin = at_.offset();
    const std::uint32_t line = at_.line();
    std::size_t depth = 0;
    bool is_text = false;
    for (;;) {
      const int c = TRY(at_.peek());
      if (c < 0) return invalid(fmt::format("what begins in line {} has no end", line));
      if (at_.offset() - begin > most) {
        return invalid(fmt::format("what begins in line {} has more than {} bytes", line, most));
      }
      if (is_text) {
        TRY_VOID(skip_in_text(c, is_text));
        continue;
      }
      const bool is_end = c == '}' || c == ']';
      if (depth == 0 && (is_end || c == ',')) return {};
      at_.advance();
      if (c == '"') is_text = true;
      if (c == '{' || c == '[') ++depth;
      if (is_end && --depth == 0) return {};
    }
  }

  Result<void> skip_in_text(int c, bool& is_text) {
    at_.advance();
    if (c == '"') is_text = false;
    if (c == '\\' && TRY(at_.peek()) >= 0) at_.advance();
    return {};
  }

  TextCursor at_;
};

class JsonInventory : public InventoryText {
 public:
  explicit JsonInventory(Text& text) : text_(text) {}

  Result<void> each(const Visit& visit) override {
    return Splitter(text_).each(
        [&](const ItemPlace& place) -> Result<void> { return visit(place, TRY(read(place))); });
  }

  Result<Item> read(const ItemPlace& place) override {
    std::string item(place.size, '\0');
    item.resize(TRY(text_.read(place.offset, item)));
    auto json = codec::parse_json(item, kItemLimits);
    if (json) return Item(std::move(*json));
    return Item(std::unexpected(Faults{{"", with_line(json.error().message, place.line)}}));
  }

 private:
  Text& text_;
};

}  // namespace

std::string to_text(const ItemPlace& place) { return fmt::format("line {}", place.line); }

std::unique_ptr<InventoryText> json_inventory(Text& text) {
  return std::make_unique<JsonInventory>(text);
}

}  // namespace wardlock::directory
