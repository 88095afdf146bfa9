#include "cli/output.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "base/line_index.h"
#include "base/utf8.h"

namespace wardlock::cli {
namespace {

void write_line(std::FILE* file, std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), file);
  if (!text.ends_with('\n')) std::fputc('\n', file);
}

/// https://no-color.org
bool wants_colour(int file) {
  const char* no_colour = std::getenv("NO_COLOR");
  return isatty(file) == 1 && (no_colour == nullptr || *no_colour == '\0');
}

void append_json(const Findings& findings, boost::json::array& out) {
  const LineIndex lines(findings.text);
  for (const Diagnostic& diagnostic : findings.diagnostics) {
    boost::json::object entry;
    if (!findings.file.empty()) {
      const Position place = lines.position_at(diagnostic.span.begin);
      entry = {{"file", printable(findings.file)}, {"line", place.line}, {"column", place.column}};
    }
    entry["severity"] = diagnostic.severity == Severity::kError ? "error" : "warning";
    entry["message"] = printable(diagnostic.message);
    if (!diagnostic.help.empty()) entry["help"] = printable(diagnostic.help);
    out.push_back(std::move(entry));
  }
}

}  // namespace

Output::Output(bool is_json)
    : is_json_(is_json), is_colour_(!is_json && wants_colour(STDERR_FILENO)) {}

void Output::print(const codec::Json& json, std::string_view text) const {
  write_line(stdout, is_json_ ? codec::to_pretty_json_text(json) : printable(text));
}

void Output::print(const codec::Json& json, const StyledText& text) const {
  write_line(stdout, is_json_ ? codec::to_pretty_json_text(json)
                              : text.render(wants_colour(STDOUT_FILENO)));
}

Exit Output::fail(const Error& error) const {
  if (is_json_) {
    const codec::Json json = {
        {"error", {{"code", to_string(error.code)}, {"message", printable(error.message)}}}};
    write_line(stdout, codec::to_pretty_json_text(json));
  } else {
    write_error(error.message);
  }
  return error.code == ErrorCode::kFailedPrecondition ? Exit::kInvalid : Exit::kFailure;
}

Exit Output::fail(const std::vector<Findings>& findings, Exit exit) const {
  if (is_json_) {
    boost::json::array all;
    for (const Findings& each : findings) append_json(each, all);
    write_line(stdout, codec::to_pretty_json_text(boost::json::object{{"diagnostics", all}}));
    return exit;
  }
  for (const Findings& each : findings) {
    for (const Diagnostic& diagnostic : each.diagnostics) {
      if (each.file.empty()) {
        write_error(diagnostic.message);
      } else {
        write_line(stderr, render(diagnostic, each.text, each.file, is_colour_));
      }
    }
  }
  return exit;
}

void Output::show(const Diagnostic& diagnostic, std::string_view text,
                  std::string_view file) const {
  if (is_json_) return;
  if (!file.empty()) return write_line(stderr, render(diagnostic, text, file, is_colour_));
  std::string line = diagnostic.message;
  if (!diagnostic.help.empty()) line += "; " + diagnostic.help;
  diagnostic.severity == Severity::kError ? write_error(line) : note(line);
}

void Output::write_error(std::string_view message) const {
  write_line(stderr, fmt::format("{}error:{} {}", is_colour_ ? "\033[31m" : "",
                                 is_colour_ ? "\033[0m" : "", printable(message)));
}

void Output::note(std::string_view line) const {
  write_line(stderr, fmt::format("note: {}", printable(line)));
}

}  // namespace wardlock::cli
