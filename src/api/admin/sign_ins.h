#pragma once

#include "api/admin/asked.h"

// Where somebody is signed in, for whoever may see and end it (OWASP ASVS 5.0, 7.4.5).
namespace wardlock::admin {

Answered<void> list_sessions(const Asked& asked, net::HttpResponse& response);
/// The one of the path.
Answered<void> end_session(const Asked& asked, net::HttpResponse& response);
/// All of them, and what applications were let have beyond them.
Answered<void> sign_out(const Asked& asked, net::HttpResponse& response);

/// How whoever asks has signed in for it.
codec::Json to_json(const administration::AskerSignIn& sign_in);

}  // namespace wardlock::admin
