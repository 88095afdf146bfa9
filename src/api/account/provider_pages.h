#pragma once

#include <string_view>
#include <vector>

#include "api/account/visit.h"
#include "page/template.h"

namespace wardlock::account {

// Signing in at another's OpenID provider, and linking an account there. A browser goes away from
// `/sign-in/with/NAME`, and comes back to it from another site, without the cookies that no other
// site is to send; a page of ours leads it on to `/sign-in/with/NAME/back`, with all of them.

inline constexpr std::string_view kProviderPrefix = "/sign-in/with/";

/// Whether the path is of these.
bool is_provider_path(std::string_view path);
/// Whether what it asks waits for another's server.
bool asks_provider(std::string_view method, std::string_view path);

/// POST /sign-in/with/NAME: away.
void go_to_provider(Visit& visit);
/// GET /sign-in/with/NAME, the redirect address; GET /sign-in/with/NAME/back, one page later.
void come_from_provider(Visit& visit);

/// The providers of this tenant, for a page's buttons: those that sign in, or those that may be
/// linked.
std::vector<page::Model> provider_models(const Visit& visit, bool for_linking);

}  // namespace wardlock::account
