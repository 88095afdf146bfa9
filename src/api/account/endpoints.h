#pragma once

#include <string_view>

#include "api/account/visit.h"
#include "net/http.h"

namespace wardlock::account {

/// Whether the path, without a tenant's base path, is one of these pages', or a file of style,
/// script or picture.
bool is_page(std::string_view path);
bool is_asset(std::string_view path);

/// Answers with a page, or with where to go next. On a thread that may wait: for the database, and
/// for a password's hash.
void answer(const Parts& parts, const Asked& asked, net::HttpResponse& response);

}  // namespace wardlock::account
