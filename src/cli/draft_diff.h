#pragma once

#include <string>

#include "cli/admin_client.h"
#include "cli/output.h"

namespace wardlock::cli {

/// `wardlock policy diff --draft`: a change that is proposed to a server, compared with what was in
/// force there when it was written.
struct DraftDiffOptions {
  ServerOptions server;
  std::string draft;
  bool wants_generated = false;
  std::string html = {};  ///< files to write; empty: none
  std::string csv = {};
  std::string document = {};
};

/// Prints what its files differ in, and what is decided differently; kDeny: anything differs.
Result<Exit> print_draft_diff(const DraftDiffOptions& options, const Output& output);

}  // namespace wardlock::cli
