#pragma once

#include <optional>
#include <string>

#include "audit/inspect/verify.h"
#include "base/error.h"
#include "merkle/note_key.h"

namespace wardlock::cli {

/// The value of `--witness-key`; nothing where the option is absent.
Result<std::optional<merkle::VerifierKey>> read_witness_key(const std::string& text);

/// What `wardlock audit verify --witness` does beyond verifying: asks a witness about a log that
/// was found whole, and adds what it says. `key`: the witness's, as text or file; empty: what it
/// answers is believed as far as the connection is. Errors: nobody has answered as a witness does.
Result<void> ask_witness(const std::string& url, const std::string& key, const std::string& folder,
                         audit::Files& files, audit::Verification& result);

}  // namespace wardlock::cli
