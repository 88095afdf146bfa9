#pragma once

#include "api/account/visit.h"

namespace wardlock::account {

// Ways to sign in are added: by somebody who has shown lately who they are, or who was given an
// enrolment code, which is typed on a page and never stands in an address.

/// GET /account/enrol: what there is to choose from; or where to type the code.
void show_choices(Visit& visit);
/// POST /account/enrol, with the code; POST /account/enrol/finish.
void take_token(Visit& visit);
void finish_enrolment(Visit& visit);

// GET and POST of /account/passkey, /account/totp, /account/password, /account/recovery-codes.
void show_passkey(Visit& visit);
void add_passkey(Visit& visit);
void show_totp(Visit& visit);
void add_totp(Visit& visit);
void show_password(Visit& visit);
void set_password(Visit& visit);
void show_recovery_codes(Visit& visit);
void make_recovery_codes(Visit& visit);

/// POST /account/password/strength: how hard to guess it is, as JSON `{"score": 0…4, "advice":
/// [sentence…]}`. Nothing is kept.
void tell_strength(Visit& visit);

}  // namespace wardlock::account
