#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "api/account/visit.h"

namespace wardlock::account {

// Signing in: the name, then what is offered, step by step (authn/account/sign_in.h).

/// What a sign-in begins with, for what the visitor wants. `user`: as typed; empty: not known yet.
authn::SignInStart start_of(Visit& visit, std::string_view user);
/// How surely whoever has a session is to show anew who they are, for what they want. Requires a
/// session.
Result<authn::AssuranceLevel> level_to_show_anew(Visit& visit);
/// Answers a step that was taken, and puts it on record; who was recognised has a session then.
/// `cause`: for the record, where it says more than that it was wrong, or of what let them in.
void finish_step(Visit& visit, Result<authn::SignInStep> step, const authn::SignInStart& start,
                 std::string_view cause);

/// How long somebody is to wait, for people.
std::string told_to_wait(const Visit& visit, std::chrono::nanoseconds wait);

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
