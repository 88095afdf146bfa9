#pragma once

#include <string>
#include <string_view>

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
/// With an app or a token whose codes are counted, not of a time.
void show_hotp(Visit& visit);
void add_hotp(Visit& visit);
void show_password(Visit& visit);
void set_password(Visit& visit);
void show_recovery_codes(Visit& visit);
void make_recovery_codes(Visit& visit);

/// POST /account/password/strength: how hard to guess it is, as JSON `{"score": 0…4, "advice":
/// [sentence…]}`. Nothing is kept.
void tell_strength(Visit& visit);

// What all pages have in common that add one.

/// Who may add here; null: they are sent to show who they are.
const Owner* adding_owner(Visit& visit);
authn::AccountChange adding_change(const Visit& visit, const Owner& owner, std::string label);
page::Model adding_model(Visit& visit, const Owner& owner, std::string_view title_key);
/// The choices again, with what was added.
void tell_added(Visit& visit, const Owner& owner, const authn::Authenticator& added);
/// The words for what its owner can do something about; empty: it is another error.
std::string_view adding_fault(const Error& error, std::string_view if_wrong);

}  // namespace wardlock::account
