#pragma once

#include <optional>
#include <string>

#include "base/error.h"
#include "cli/output.h"
#include "merkle/note_key.h"

namespace wardlock::cli {

/// What `wardlock audit verify --report` does.
Result<Exit> verify_report_file(const std::string& path, const merkle::VerifierKey& key,
                                const std::optional<merkle::VerifierKey>& witness,
                                const Output& output);

}  // namespace wardlock::cli
