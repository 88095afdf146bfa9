#include "directory/identifier/natural_identifier.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>

#include "base/identifier.h"
#include "directory/identifier/email.h"
#include "directory/identifier/numbers.h"
#include "directory/identifier/refusal.h"
#include "directory/identifier/udi.h"
#include "directory/identifier/user_name.h"

namespace wardlock::directory {
namespace {

constexpr std::size_t kMaxNameBytes = 256;

/// What somebody else has given out, of whose form nothing is known.
Parsed<std::string> read_opaque(std::string_view text, std::string_view name) {
  const Trimmed given = TRY(trim(text, name, kMaxNameBytes));
  if (const auto fault = find_identifier_fault(given.text)) {
    return refuse(given.begin, given.begin + given.text.size(),
                  fmt::format("this {} {}", name, *fault), "write it with visible characters only");
  }
  return std::string(given.text);
}

Parsed<std::string> read_udi(std::string_view text, std::chrono::year this_year) {
  return TRY(parse_udi(text, this_year)).text;
}

Parsed<std::string> read_device_identifier(std::string_view text, std::chrono::year this_year) {
  const Udi udi = TRY(parse_udi(text, this_year));
  if (udi.parts.size() == 1) return udi.text;
  return refuse(0, text.size(),
                fmt::format("this names more than a model: its {}", udi.parts[1].name),
                "give the device identifier alone");
}

struct Entry {
  NaturalIdentifier identifier;
  std::string_view name;
  std::string_view words;
};

constexpr std::array kEntries = std::to_array<Entry>({
    {NaturalIdentifier::kName, "name", "a name or number"},
    {NaturalIdentifier::kUserName, "userName", "a user name"},
    {NaturalIdentifier::kEmail, "email", "an e-mail address"},
    {NaturalIdentifier::kNpi, "npi", "a National Provider Identifier"},
    {NaturalIdentifier::kUdi, "udi", "a unique device identifier"},
    {NaturalIdentifier::kDeviceIdentifier, "deviceIdentifier", "the device identifier of a UDI"},
    {NaturalIdentifier::kSerial, "serial", "a serial number"},
    {NaturalIdentifier::kMac, "mac", "a MAC address, EUI-48 or EUI-64"},
    {NaturalIdentifier::kUuid, "uuid", "a UUID"},
});

constexpr auto kIdentifiers = [] {
  std::array<NaturalIdentifier, kEntries.size()> all = {};
  for (std::size_t place = 0; place < all.size(); ++place) all[place] = kEntries[place].identifier;
  return all;
}();

constexpr bool is_in_order() {
  for (std::size_t place = 0; place < kIdentifiers.size(); ++place) {
    if (static_cast<std::size_t>(kIdentifiers[place]) != place) return false;
  }
  return true;
}
static_assert(is_in_order());

const Entry& entry_of(NaturalIdentifier identifier) {
  return kEntries[static_cast<std::size_t>(identifier)];
}

}  // namespace

std::span<const NaturalIdentifier> natural_identifiers() { return kIdentifiers; }

std::string_view to_string(NaturalIdentifier identifier) { return entry_of(identifier).name; }

std::string_view describe(NaturalIdentifier identifier) { return entry_of(identifier).words; }

Parsed<std::string> read_identifier(NaturalIdentifier identifier, std::string_view text,
                                    std::chrono::year this_year) {
  switch (identifier) {
    case NaturalIdentifier::kName: return read_opaque(text, "name");
    case NaturalIdentifier::kUserName: return normalise_user_name(text);
    case NaturalIdentifier::kEmail: return normalise_email(text);
    case NaturalIdentifier::kNpi: return normalise_npi(text);
    case NaturalIdentifier::kUdi: return read_udi(text, this_year);
    case NaturalIdentifier::kDeviceIdentifier: return read_device_identifier(text, this_year);
    case NaturalIdentifier::kSerial: return read_opaque(text, "serial number");
    case NaturalIdentifier::kMac: return normalise_hardware_address(text);
    case NaturalIdentifier::kUuid: return normalise_uuid(text);
  }
  return refuse(0, text.size(), "there is no such kind of identifier", "choose another");
}

Result<std::string> normalised(NaturalIdentifier identifier, std::string_view text,
                               std::chrono::year this_year) {
  auto found = read_identifier(identifier, text, this_year);
  if (found) return *std::move(found);
  std::string message;
  for (const Diagnostic& fault : found.error()) {
    if (!message.empty()) message += "; ";
    message += fault.message;
    if (!fault.help.empty()) message += fmt::format(" ({})", fault.help);
  }
  return invalid(std::move(message));
}

}  // namespace wardlock::directory
