#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace wardlock::directory {

// PRECIS (RFC 8264): which characters strings that name somebody may have.

/// What the IdentifierClass says of a character (RFC 8264, 8 and 4.2).
enum class PrecisValue : std::uint8_t {
  kValid,
  kContext,  ///< only where `find_context_fault` has nothing against it
  kDisallowed,
  kUnassigned,  ///< Unicode, as this program knows it, has no such character
};

PrecisValue identifier_class(char32_t c);

/// What the FreeformClass says, for what names nobody and is to be hard to guess (RFC 8264, 4.3).
PrecisValue freeform_class(char32_t c);

/// A blank of any kind (RFC 8264, 9.14), which OpaqueString makes U+0020.
bool is_blank(char32_t c);

/// The first of the characters with `kContext` that stands where its rule (RFC 5892, appendix A)
/// does not allow it.
std::optional<std::size_t> find_context_fault(std::span<const char32_t> text);

/// Whether the text, if it has characters written from right to left, keeps the Bidi Rule (RFC
/// 5893, 2), without which it could be shown in another order than it has.
bool keeps_bidi_rule(std::span<const char32_t> text);

}  // namespace wardlock::directory
