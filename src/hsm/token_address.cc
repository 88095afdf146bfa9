#include <fmt/format.h>

#include <array>
#include <optional>
#include <utility>

#include "base/utf8.h"
#include "hsm/signing_token.h"

namespace wardlock::hsm {
namespace {

constexpr std::string_view kScheme = "pkcs11:";
constexpr std::string_view kFile = "file:";

std::optional<int> hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return std::nullopt;
}

/// RFC 3986, 2.1. Nothing: a `%` without two digits behind it, or a character that is to be hidden.
std::optional<std::string> decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    if (i + 2 >= text.size()) return std::nullopt;
    const auto high = hex_digit(text[i + 1]), low = hex_digit(text[i + 2]);
    if (!high || !low) return std::nullopt;
    out += static_cast<char>(16 * *high + *low);
    i += 2;
  }
  if (out.empty() || find_invalid_utf8(out) || find_deceptive_character(out)) return std::nullopt;
  return out;
}

/// What comes before the separator; `rest` is then what comes behind it.
std::string_view split_off(std::string_view& rest, char separator) {
  std::size_t end = 0;
  while (end < rest.size() && rest[end] != separator) ++end;
  const std::string_view head = rest.substr(0, end);
  rest.remove_prefix(end < rest.size() ? end + 1 : end);
  return head;
}

/// Fills an address, attribute by attribute.
class AddressReader {
 public:
  Result<void> read(std::string_view part, char separator, bool is_query) {
    while (!part.empty()) TRY_VOID(take(split_off(part, separator), is_query));
    return {};
  }

  Result<TokenAddress> finish() && {
    for (const auto& [name, target] : targets()) {
      if (target->empty()) return invalid(fmt::format("the address of the key has no `{}`", name));
    }
    return std::move(address_);
  }

 private:
  std::array<std::pair<std::string_view, std::string*>, 4> targets() {
    return {{{"token", &address_.name.token},
             {"object", &address_.name.key},
             {"module-path", &address_.name.module},
             {"pin-source", &address_.pin_file}}};
  }

  Result<void> take(std::string_view attribute, bool is_query) {
    const std::string_view name = split_off(attribute, '=');
    const auto value = decoded(attribute);
    if (name == "pin-value") {
      return invalid("a PIN is not written on a command line; name its file as `pin-source`");
    }
    if (!value)
      return invalid(fmt::format("`{}` of the key's address has no value", printable(name)));
    if (!is_query && name == "type" && *value == "private") return {};
    for (const auto& [known, target] : targets()) {
      const bool belongs_to_query = known == "module-path" || known == "pin-source";
      if (known != name || belongs_to_query != is_query) continue;
      if (!target->empty()) return invalid(fmt::format("`{}` stands twice in the address", name));
      *target = *value;
      if (belongs_to_query && value->starts_with(kFile)) target->erase(0, kFile.size());
      return {};
    }
    return invalid(
        fmt::format("`{}` is not known in the address of a key; there are `token` and "
                    "`object`, and behind `?` `module-path` and `pin-source`",
                    printable(name)));
  }

  TokenAddress address_;
};

}  // namespace

Result<TokenAddress> parse_token_address(std::string_view uri) {
  if (!uri.starts_with(kScheme)) return invalid("the address of a key in a token begins `pkcs11:`");
  uri.remove_prefix(kScheme.size());
  const std::string_view path = split_off(uri, '?');
  AddressReader reader;
  TRY_VOID(reader.read(path, ';', false));
  TRY_VOID(reader.read(uri, '&', true));
  return std::move(reader).finish();
}

}  // namespace wardlock::hsm
