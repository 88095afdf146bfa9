#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "base/error.h"
#include "cli/styled_text.h"
#include "codec/json.h"

namespace wardlock::cli {

/// Exit statuses, as in the reference's command line.
enum class Exit : int { kOk = 0, kFailure = 1, kDeny = 2, kInvalid = 3, kUnknown = 4 };

/// Findings about a text the user gave. Without a file their places are unknown, or told by the
/// messages.
struct Findings {
  std::string file;
  std::string text;
  Diagnostics diagnostics;
};

/// Where a command writes: results to standard output, what went wrong to standard error; with
/// `--json` one JSON document to standard output in either case.
class Output {
 public:
  explicit Output(bool is_json);

  bool is_json() const { return is_json_; }

  /// The result: `json` or `text`, with a newline behind it.
  void print(const codec::Json& json, std::string_view text) const;
  /// The same, with colours where standard output is a terminal that may have them.
  void print(const codec::Json& json, const StyledText& text) const;

  /// Reports and returns the exit status: kInvalid where input does not fit its schema
  /// (kFailedPrecondition), else kFailure.
  Exit fail(const Error& error) const;
  Exit fail(const std::vector<Findings>& findings, Exit exit = Exit::kFailure) const;

  /// A finding, to standard error, with its place if `file` is not empty. Not with `--json`: there
  /// it is part of the result.
  void show(const Diagnostic& diagnostic, std::string_view text, std::string_view file) const;

  /// A line about something that does not stop the command.
  void note(std::string_view line) const;

 private:
  void write_error(std::string_view message) const;

  bool is_json_;
  bool is_colour_;
};

}  // namespace wardlock::cli
