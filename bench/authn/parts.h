#pragma once

#include <string>

#include "base/error.h"

namespace wardlock::authn {

/// The parts of the benchmark of signing in. Each works in `folder`, which exists and is its own,
/// prints its figures beside its comparator's, and returns whether they are what they must be.

/// An attempt with a password beside Argon2id alone, at least 90 % as many; a token read and
/// verified beside its signature alone, in at most twice the time.
Result<bool> bench_cryptography(const std::string& folder);

/// Access tokens as the authorization server verifies them: one of its JWTs beside the signature
/// alone, and what introspection says of an opaque one beside reading its row, each in at most
/// twice the time.
Result<bool> bench_tokens(const std::string& folder);

/// 1,000,000 live sessions: read at a start, in less than 1 GB, and found by their tokens.
Result<bool> bench_sessions(const std::string& folder);

}  // namespace wardlock::authn
