#pragma once

#include "api/account/visit.h"

namespace wardlock::account {

// Signing in: the name, then what is offered, step by step (authn/account/sign_in.h).

/// GET /sign-in, perhaps for an application's request, or to be recognised anew (`?again`).
void show_sign_in(Visit& visit);
/// POST /sign-in: one step. Who was recognised has a session when it is answered, and it is on
/// record.
void take_step(Visit& visit);
/// POST /account/sign-out
void sign_out(Visit& visit);
/// GET /recover
void show_recovery(Visit& visit);

}  // namespace wardlock::account
