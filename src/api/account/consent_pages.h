#pragma once

#include <string>

#include "api/account/visit.h"

namespace wardlock::account {

// What an application asks of somebody who is signed in, and the codes of devices without a
// keyboard. Where no application may ask, there is nothing here.

/// GET /consent?request=…: asks, or goes on where nothing is left to ask; who is not signed in well
/// enough is sent to do so.
void show_consent(Visit& visit);
/// POST /consent
void take_consent(Visit& visit);
/// What a scope is, for people.
std::string scope_words(const Visit& visit, const std::string& scope);

/// GET and POST /device
void show_device(Visit& visit);
void take_device_code(Visit& visit);

}  // namespace wardlock::account
