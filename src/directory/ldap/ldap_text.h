#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"

namespace wardlock::directory {

/// A value as part of a filter (RFC 4515 §3): whatever it has in it, it stays one value.
std::string escape_filter_value(std::string_view value);

/// Whether it is one filter with its parentheses (RFC 4515), so that others can be put around it.
bool is_filter(std::string_view text);

/// All of the filters.
std::string both(std::string_view filter, std::string_view other);

/// A DN in the one form in which DNs are compared here (RFC 4514; letters without case), or
/// nothing where it is none.
std::optional<std::string> normalise_dn(const std::string& dn);

/// Whether it can be the name of an attribute (RFC 4512 §2.5), without options.
bool is_attribute_name(std::string_view text);

/// The 16 bytes of Active Directory's objectGUID as text, in its order of bytes.
std::optional<std::string> guid_text(std::string_view bytes);
/// The bytes of such a text as part of a filter, or nothing where it is none.
std::optional<std::string> guid_filter_value(std::string_view text);
/// A UUID's text in lowercase, or nothing.
std::optional<std::string> uuid_text(std::string_view text);

/// A time as LDAP (`20261231235959Z`, RFC 4517 §3.3.13) or Active Directory (100 ns since 1601)
/// writes it, in RFC 3339. Nothing: it is none, or never.
std::optional<std::string> time_text(std::string_view text);

/// Where a part of an attribute's values ends that was answered for another name (`member;
/// range=0-1499`), as Active Directory does with many. Nothing: these are all.
struct ValueRange {
  std::string attribute;              ///< without the option
  std::optional<std::uint64_t> last;  ///< nothing: these are the last ones
};
std::optional<ValueRange> read_range(std::string_view description);

}  // namespace wardlock::directory
