#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/utf8.h"
#include "cli/checked_text.h"
#include "cli/commands.h"
#include "directory/identifier/udi.h"

namespace wardlock::cli {
namespace {

using directory::Udi;
using directory::UdiPart;

struct UdiCheckOptions {
  std::vector<std::string> texts;
};

/// The word for a part's kind that programs are given.
std::string_view kind_word(directory::UdiPartKind kind) {
  switch (kind) {
    using enum directory::UdiPartKind;
    case kDeviceIdentifier: return "device_identifier";
    case kManufactured: return "manufactured";
    case kExpires: return "expires";
    case kLot: return "lot";
    case kSerial: return "serial";
    case kDonation: return "donation";
    case kVersion: return "version";
    case kQuantity: return "quantity";
    case kOther: return "other";
  }
  return "other";
}

boost::json::object to_json(const std::string& text, const Udi& udi) {
  boost::json::array parts;
  for (const UdiPart& part : udi.parts) {
    boost::json::object entry = {{"kind", kind_word(part.kind)},
                                 {"mark", part.mark},
                                 {"name", part.name},
                                 {"value", part.value}};
    if (part.date) entry["date"] = to_string(*part.date);
    parts.push_back(std::move(entry));
  }
  return {{"text", printable(text)},
          {"valid", true},
          {"agency", to_string(udi.agency)},
          {"udi", udi.text},
          {"device_identifier", udi.device_identifier()},
          {"parts", parts}};
}

void append_text(const Udi& udi, std::string& out) {
  out += fmt::format("{}  {}\n", to_string(udi.agency), udi.text);
  std::size_t width = 0;
  for (const UdiPart& part : udi.parts) width = std::max(width, part.name.size());
  for (const UdiPart& part : udi.parts) {
    out += fmt::format("  {:<{}}  {}", part.name, width, part.value);
    if (part.date) out += fmt::format("  {}", to_string(*part.date));
    out += '\n';
  }
}

Result<Exit> check_udis(const UdiCheckOptions& options, const Output& output) {
  boost::json::array results;
  std::string lines;
  Exit exit = Exit::kOk;
  for (const std::string& text : options.texts) {
    const auto udi = directory::parse_udi(text, this_year());
    if (udi) {
      results.push_back(to_json(text, *udi));
      append_text(*udi, lines);
      continue;
    }
    exit = Exit::kFailure;
    results.push_back(refused_json(text, udi.error()));
    for (const Diagnostic& fault : udi.error()) output.show(fault, text, "udi");
  }
  if (output.is_json() || !lines.empty()) {
    output.print(boost::json::object{{"results", results}}, lines);
  }
  return exit;
}

}  // namespace

void add_udi(Commands& commands) {
  Commands group = commands.group("udi", "Check the unique device identifiers of labels");
  auto [command, options] = group.add<UdiCheckOptions>(
      "check", "Say what a UDI consists of, or what is wrong with it",
      "  wardlock udi check '(01)51022222233336(17)150707(10)A213B1(21)1234'\n"
      "  wardlock udi check '+A123BJC5D6E71G' '=/A9999XYZ100T0944=,000025' --json\n"
      "The forms of GS1, HIBCC and ICCBBA, as printed or as a scanner sends them; the exit status\n"
      "is 1 if one is wrong.",
      check_udis);
  command.rest("text", options.texts, "TEXT", "a UDI, in quotes", true);
}

}  // namespace wardlock::cli
