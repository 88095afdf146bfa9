#include "directory/model/natural_identifier.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/identifier.h"

namespace wardlock::directory {
namespace {

struct Entry {
  NaturalIdentifier identifier;
  std::string_view name;
  std::string_view words;
};

constexpr auto kEntries = std::to_array<Entry>({
    {NaturalIdentifier::kName, "name", "a name or number"},
    {NaturalIdentifier::kUserName, "userName", "a user name"},
    {NaturalIdentifier::kEmail, "email", "an e-mail address"},
    {NaturalIdentifier::kNpi, "npi", "a National Provider Identifier"},
    {NaturalIdentifier::kUdi, "udi", "a Unique Device Identification"},
    {NaturalIdentifier::kDeviceIdentifier, "deviceIdentifier", "the device identifier of a UDI"},
    {NaturalIdentifier::kSerial, "serial", "a serial number"},
    {NaturalIdentifier::kMac, "mac", "a MAC address"},
    {NaturalIdentifier::kUuid, "uuid", "a UUID"},
});

constexpr bool are_in_order() {
  for (std::size_t i = 0; i < kEntries.size(); ++i) {
    if (static_cast<std::size_t>(kEntries[i].identifier) != i) return false;
  }
  return true;
}
static_assert(are_in_order());

const Entry& entry_of(NaturalIdentifier identifier) {
  return kEntries[static_cast<std::size_t>(identifier)];
}

Result<std::string> visible_name(std::string_view text) {
  if (text.empty()) return invalid("it is empty");
  if (text.front() == ' ' || text.back() == ' ') return invalid("it begins or ends with a blank");
  if (const auto fault = find_identifier_fault(text)) return invalid(fmt::format("it {}", *fault));
  return std::string(text);
}

Result<std::string> uuid(std::string_view text) {
  constexpr std::string_view kForm = "00000000-0000-0000-0000-000000000000";
  if (text.starts_with("urn:uuid:")) text.remove_prefix(9);
  std::string out(text);
  const auto fits = [](char& c, char form) {
    if (c >= 'A' && c <= 'F') c = static_cast<char>(c - 'A' + 'a');
    return form == '-' ? c == '-' : (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
  };
  bool is_good = out.size() == kForm.size();
  for (std::size_t i = 0; is_good && i < out.size(); ++i) is_good = fits(out[i], kForm[i]);
  if (!is_good) return invalid("expected a form like `018f8a6e-5c1d-7b3a-9e2f-0a1b2c3d4e5f`");
  return out;
}

}  // namespace

std::string_view to_string(NaturalIdentifier identifier) { return entry_of(identifier).name; }

std::string_view describe(NaturalIdentifier identifier) { return entry_of(identifier).words; }

Result<std::string> normalised(NaturalIdentifier identifier, std::string_view text,
                               std::chrono::year) {
  switch (identifier) {
    case NaturalIdentifier::kUuid: return uuid(text);
    default: return visible_name(text);
  }
}

}  // namespace wardlock::directory
