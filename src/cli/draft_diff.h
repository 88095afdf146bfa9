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
  std::string recorded = {};  ///< so far back from now, e.g. `30d`
  std::string since = {};     ///< or from then on
  std::string until = {};
  std::string html = {};  ///< files to write; empty: none
  std::string csv = {};
  std::string document = {};
};

/// Prints what its files differ in, and what is decided differently; kDeny: anything differs.
/// With a period, over what the server has recorded in it: that goes on there, with a progress bar
/// here. Errors: the server's; kInvalidArgument, it is no period.
Result<Exit> print_draft_diff(const DraftDiffOptions& options, const Output& output);

}  // namespace wardlock::cli
