#include "audit/format/cef.h"

#include <fmt/format.h>

#include <array>
#include <vector>

#include "audit/format/field_values.h"
#include "audit/format/visible_text.h"
#include "audit/format/weight.h"
#include "base/check.h"
#include "base/version.h"
#include "event/words.h"

namespace wardlock::audit {
namespace {

using event::Event;

struct Key {
  std::string_view field;
  std::string_view key;
};

/// Names of CEF's own dictionary.
constexpr auto kDictionary = std::to_array<Key>({
    {"action", "act"},
    {"affected_id", "duser"},
    {"caller", "sourceServiceName"},
    {"class", "cat"},
    {"id", "externalId"},
    {"kind", ""},
    {"node", "dvchost"},
    {"outcome", "outcome"},
    {"principal_id", "suser"},
    {"reason", "reason"},
    {"source_address", "src"},
    {"time", "rt"},
});

/// `wardlock` and the field's name, `policy_set` as `wardlockPolicySet`.
std::string vendor_key(std::string_view field) {
  std::string key = "wardlock";
  bool is_first = true;
  for (const char c : field) {
    const bool is_small = c >= 'a' && c <= 'z';
    if (c != '_') key += is_first && is_small ? static_cast<char>(c - 'a' + 'A') : c;
    is_first = c == '_';
  }
  return key;
}

std::vector<std::string> make_keys() {
  std::vector<std::string> keys;
  for (const event::Field& field : event::all_fields()) {
    std::string key = vendor_key(field.name);
    for (const Key& each : kDictionary) {
      if (each.field == field.name) key = each.key;
    }
    keys.push_back(std::move(key));
  }
  return keys;
}

int severity_of(Weight weight) {
  // Of 0 to 10: from 4 on medium, from 7 on high.
  static constexpr std::array<int, kWeights> kSeverities = {1, 4, 5, 8};
  return kSeverities[static_cast<std::size_t>(weight)];
}

void append_header_text(std::string_view text, std::string& out) {
  for (const char c : visible(text)) {
    if (c == '|' || c == '\\') out += '\\';
    out += c;
  }
}

/// Line ends have an escape of CEF's own.
void append_value(std::string_view text, std::string& out) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of("\r\n"), text.size());
    for (const char c : visible(text.substr(0, end))) {
      if (c == '=' || c == '\\') out += '\\';
      out += c;
    }
    if (end == text.size()) return;
    out += text[end] == '\n' ? "\\n" : "\\r";
    text.remove_prefix(end + 1);
  }
}

/// CEF's `src` is of IPv4.
std::string_view key_of_address(std::string_view address, std::string_view key) {
  if (is_ipv4_address(address)) return key;
  return is_ip_address(address) ? "c6a2" : "wardlockSourceAddress";
}

}  // namespace

std::string_view cef_key(const event::Field& field) {
  static const std::vector<std::string> keys = make_keys();
  return keys[static_cast<std::size_t>(&field - event::all_fields().data())];
}

void append_cef(const Event& event, std::string& out) {
  const event::Word<event::Kind>& kind = event::all_kinds()[static_cast<std::size_t>(event.kind)];
  out += fmt::format("CEF:0|Wardlock|wardlock|{}|{}|", version(), kind.name);
  append_header_text(event::headline(event.kind), out);
  out += fmt::format("|{}|", severity_of(weight_of(event)));
  const event::Field* last = nullptr;
  bool is_first = true;
  for_each_value(event, [&](const event::Field& field, std::string_view value) {
    std::string_view key = cef_key(field);
    if (key.empty()) return;
    const bool is_next_of_list = &field == last;
    last = &field;
    if (is_next_of_list) {
      out += ',';
    } else {
      if (field.name == "source_address") key = key_of_address(value, key);
      if (key == "c6a2") {
        out += fmt::format("{}c6a2Label=Source IPv6 Address", is_first ? "" : " ");
        is_first = false;
      }
      out += fmt::format("{}{}=", is_first ? "" : " ", key);
      is_first = false;
    }
    append_value(value, out);
  });
}

}  // namespace wardlock::audit
