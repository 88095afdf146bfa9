#include <fmt/format.h>

#include <string>
#include <vector>

#include "base/utf8.h"
#include "cli/checked_text.h"
#include "cli/commands.h"
#include "directory/identifier/look_alike.h"
#include "directory/identifier/natural_identifier.h"

namespace wardlock::cli {
namespace {

using directory::NaturalIdentifier;

struct IdentifierCheckOptions {
  NaturalIdentifier kind = NaturalIdentifier::kName;
  std::vector<std::string> texts;
};

Result<Exit> check_identifiers(const IdentifierCheckOptions& options, const Output& output) {
  boost::json::array results;
  std::string lines;
  Exit exit = Exit::kOk;
  for (const std::string& text : options.texts) {
    const auto form = directory::read_identifier(options.kind, text, this_year());
    if (form) {
      results.push_back({{"text", printable(text)},
                         {"valid", true},
                         {"form", *form},
                         {"looks_like", directory::look_alike_skeleton(*form)}});
      lines += *form + '\n';
      continue;
    }
    exit = Exit::kFailure;
    results.push_back(refused_json(text, form.error()));
    for (const Diagnostic& fault : form.error()) {
      output.show(fault, text, to_string(options.kind));
    }
  }
  if (output.is_json() || !lines.empty()) {
    output.print(boost::json::object{{"results", results}}, lines);
  }
  return exit;
}

std::vector<Choice<NaturalIdentifier>> kinds() {
  std::vector<Choice<NaturalIdentifier>> kinds;
  for (const NaturalIdentifier each : directory::natural_identifiers()) {
    kinds.push_back({.word = to_string(each).data(), .value = each});  // literals end with a zero
  }
  return kinds;
}

}  // namespace

void add_identifier(Commands& commands) {
  Commands group = commands.group("identifier",
                                  "Check what people and things are known by: user names, NPIs, …");
  auto [command, options] = group.add<IdentifierCheckOptions>(
      "check", "Print the form under which an identifier is kept, or say what is wrong with it",
      "  wardlock identifier check userName 'Nurse-Lee' 'nurse lee'\n"
      "  wardlock identifier check npi 1234567893\n"
      "  wardlock identifier check mac 00-1A-2B-3C-4D-5E --json\n"
      "With --json `looks_like` is the same for identifiers that people could confuse; the exit\n"
      "status is 1 if one is wrong.",
      check_identifiers);
  command.choice("kind", options.kind, kinds(), "what the texts should be", true)
      .rest("text", options.texts, "TEXT", "an identifier, in quotes", true);
}

}  // namespace wardlock::cli
