#include "directory/identifier/domain_name.h"

#include <unicode/uidna.h>

#include <array>
#include <cstdint>
#include <memory>

#include "directory/identifier/ascii.h"

namespace wardlock::directory {
namespace {

using Idna = std::unique_ptr<UIDNA, decltype(&uidna_close)>;

constexpr std::size_t kMaxBytes = 253;

/// What IDNA found, in words. The first that fits.
std::string_view words(std::uint32_t errors) {
  struct Fault {
    std::uint32_t bits;
    std::string_view words;
  };
  constexpr Fault kFaults[] = {
      {UIDNA_ERROR_EMPTY_LABEL, "a part of it is empty"},
      {UIDNA_ERROR_LABEL_TOO_LONG, "a part of it has more than 63 characters"},
      {UIDNA_ERROR_DOMAIN_NAME_TOO_LONG, "it has more than 253 characters"},
      {UIDNA_ERROR_LEADING_HYPHEN | UIDNA_ERROR_TRAILING_HYPHEN,
       "a part of it begins or ends with a hyphen"},
      {UIDNA_ERROR_HYPHEN_3_4, "a part of it has hyphens in the third and fourth place"},
      {UIDNA_ERROR_LEADING_COMBINING_MARK, "a part of it begins with an accent"},
      {UIDNA_ERROR_PUNYCODE | UIDNA_ERROR_INVALID_ACE_LABEL, "an `xn--` part of it means nothing"},
      {UIDNA_ERROR_BIDI, "it mixes directions"},
      {UIDNA_ERROR_CONTEXTJ | UIDNA_ERROR_CONTEXTO_PUNCTUATION | UIDNA_ERROR_CONTEXTO_DIGITS,
       "a character stands where it may not"},
  };
  for (const Fault& fault : kFaults) {
    if ((errors & fault.bits) != 0) return fault.words;
  }
  return "it holds a character that no domain's name may";
}

Idna open_idna() {
  UErrorCode status = U_ZERO_ERROR;
  return {uidna_openUTS46(UIDNA_USE_STD3_RULES | UIDNA_CHECK_BIDI | UIDNA_CHECK_CONTEXTJ |
                              UIDNA_CHECK_CONTEXTO | UIDNA_NONTRANSITIONAL_TO_ASCII |
                              UIDNA_NONTRANSITIONAL_TO_UNICODE,
                          &status),
          &uidna_close};
}

/// An address of four numbers looks like a name.
bool is_numeric(std::string_view name) {
  return is_digit(name.substr(name.rfind('.') + 1).front());
}

}  // namespace

Result<std::string> ascii_domain_name(std::string_view text) {
  if (text.empty()) return invalid("it is empty");
  // What IDNA takes apart grows with its length; no name is longer, in any spelling.
  if (text.size() > 4 * kMaxBytes) return invalid("it has more than 253 characters");
  const Idna idna = open_idna();
  std::array<char, kMaxBytes + 1> name = {};
  UIDNAInfo info = UIDNA_INFO_INITIALIZER;
  UErrorCode status = U_ZERO_ERROR;
  const std::int32_t size =
      uidna_nameToASCII_UTF8(idna.get(), text.data(), static_cast<std::int32_t>(text.size()),
                             name.data(), name.size(), &info, &status);
  if (info.errors != 0) return invalid(std::string(words(info.errors)));
  if (status == U_BUFFER_OVERFLOW_ERROR) return invalid("it has more than 253 characters");
  if (U_FAILURE(status) != 0) return invalid("it cannot be read");
  std::string ascii(name.data(), static_cast<std::size_t>(size));
  if (ascii.ends_with('.')) ascii.pop_back();
  if (ascii.empty()) return invalid("it is empty");
  if (is_numeric(ascii)) return invalid("its last part begins with a digit, as an address's does");
  return ascii;
}

}  // namespace wardlock::directory
