#pragma once

#include "api/account/visit.h"

namespace wardlock::account {

// A session that is locked, on a workstation that several share: it opens again with its owner's
// badge or PIN, within the shift. And how somebody comes by these.

/// GET /unlock: of the session whose token the browser has.
void show_unlock(Visit& visit);
/// POST /unlock, with a badge or a PIN. Hashes.
void unlock(Visit& visit);
/// POST /account/lock
void lock(Visit& visit);

// GET and POST of /account/pin (which hashes) and /account/badge.
void show_pin(Visit& visit);
void set_pin(Visit& visit);
void show_badge(Visit& visit);
void add_badge(Visit& visit);

}  // namespace wardlock::account
