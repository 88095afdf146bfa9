#pragma once

#include <string>

namespace wardlock::crypto {

/// A random UUID (RFC 9562, version 4), lowercase, from OpenSSL's generator. Thread-safe.
std::string random_uuid();

}  // namespace wardlock::crypto
