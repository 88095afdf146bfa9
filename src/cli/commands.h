#pragma once

#include "cli/options.h"
#include "cli/output.h"

namespace wardlock::cli {

// One function a command; each returns the exit status.

Exit run(const AuthorizeOptions& options, const Output& output);
Exit run(const EvaluateOptions& options, const Output& output);
Exit run(const CheckParseOptions& options, const Output& output);
Exit run(const LinkOptions& options, const Output& output);
Exit run(const TranslatePolicyOptions& options, const Output& output);
Exit run(const LanguageVersionOptions& options, const Output& output);
Exit run(const PdpOptions& options, const Output& output);
Exit run(const ServeOptions& options, const Output& output);
Exit run(const ConfigOptions& options, const Output& output);
Exit run(const TokenOptions& options, const Output& output);
Exit run(const CompletionOptions& options, const Output& output);
Exit run(const ManOptions& options, const Output& output);

}  // namespace wardlock::cli
