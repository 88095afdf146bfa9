#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace wardlock::directory {

/// The character, or what a fullwidth or halfwidth one is another form of (RFC 8264, 5.2.1).
std::u32string width_mapped(char32_t c);

/// In lowercase (Unicode's default case conversion, of no language in particular) and normalization
/// form C, as UTF-8. Nothing if Unicode's library refuses.
std::optional<std::string> lowercase_nfc(std::u32string_view text);

/// In normalization form C, as UTF-8. Nothing if Unicode's library refuses. What it needs in
/// between is zeroed: the text may be a secret.
std::optional<std::string> nfc(std::u32string_view text);

}  // namespace wardlock::directory
