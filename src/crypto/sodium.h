#pragma once

namespace wardlock::crypto {

/// Lets libsodium choose the fastest code for this processor; before its first use by a file of
/// this room. Private to the room. Thread-safe, and free after the first time.
void prepare_sodium();

}  // namespace wardlock::crypto
