#pragma once

#include "api/account/visit.h"

namespace wardlock::account {

// What somebody who is signed in sees of themselves.

/// GET /account
void show_account(Visit& visit);
/// POST /account/authenticator: it was lost, or is to go.
void end_authenticator(Visit& visit);
/// POST /account/application: an application may do nothing for them any more.
void withdraw_access(Visit& visit);
/// POST /account/session: another one of their sessions ends, or all others do.
void end_session(Visit& visit);

}  // namespace wardlock::account
