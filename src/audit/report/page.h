#pragma once

#include "audit/report/heading.h"
#include "audit/report/rows.h"
#include "base/error.h"

namespace wardlock::audit {

/// Writes the report as a page that a browser shows and prints: one file that needs no script and
/// loads nothing. Its data, as `write_document` has them, are in it. The same heading and rows give
/// the same page, byte for byte. Errors: those of `write_document`.
Result<void> write_page(const Heading& heading, Rows& rows, const Write& write);

/// Where a page has its data: what is in front of them, and behind.
inline constexpr std::string_view kPageDataBegin =
    "<script type=\"application/json\" id=\"report\">\n";
inline constexpr std::string_view kPageDataEnd = "</script>";
/// What a page begins with.
inline constexpr std::string_view kPageBegin = "<!doctype html>\n";

}  // namespace wardlock::audit
