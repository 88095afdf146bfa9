#pragma once

#include <string_view>

#include "base/error.h"

namespace wardlock::oauth {

/// Whether answers may be sent to the URI (RFC 9700, 4.1; OAuth 2.1, 2.3; RFC 8252, 7 and 8): an
/// absolute URI without a fragment, a user, a wildcard or dot segments, `https:`; for native
/// applications (on a person's device) also `http:` on 127.0.0.1 or [::1], and a scheme of their
/// own that has a dot in it, `com.example.app:/signed-in`.
Result<void> check_redirect_uri(std::string_view uri, bool is_native);

/// Whether the URI is the one that was registered: to the letter, but that a native application's
/// loopback address may have any port (RFC 8252, 7.3). Nothing is normalised.
bool is_registered_uri(std::string_view uri, std::string_view registered, bool is_native);

/// Of `https://host/…` and `http://127.0.0.1:…`, for URIs to which browsers are sent after signing
/// out or which we call ourselves: the same rules, without a scheme of one's own.
Result<void> check_web_uri(std::string_view uri, bool may_be_loopback);

}  // namespace wardlock::oauth
