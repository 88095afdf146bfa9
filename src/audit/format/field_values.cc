#include "audit/format/field_values.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace wardlock::audit {
namespace {

using event::Event;

class Values {
 public:
  Values(const event::Field& field, const TakeValue& take) : field_(field), take_(take) {}

  void give(std::string_view text) const {
    if (!text.empty()) take_(field_, text);
  }
  void give(std::int64_t number) const { give(std::to_string(number)); }
  void give(std::optional<std::int64_t> number) const {
    if (number) give(*number);
  }
  void give(std::optional<bool> flag) const {
    if (flag) give(std::string_view(*flag ? "true" : "false"));
  }
  void give(event::Kind kind) const { give(to_string(kind)); }
  void give(event::Outcome outcome) const { give(to_string(outcome)); }
  void give(event::Texts texts) const {
    for (const std::string_view text : texts) give(text);
  }

 private:
  const event::Field& field_;
  const TakeValue& take_;
};

bool is_address(int family, std::string_view text) {
  std::array<char, INET6_ADDRSTRLEN> terminated = {};
  if (text.size() >= terminated.size() || text.contains('\0')) return false;
  std::ranges::copy(text, terminated.begin());
  std::array<std::uint8_t, sizeof(in6_addr)> bytes;
  return inet_pton(family, terminated.data(), bytes.data()) == 1;
}

}  // namespace

void for_each_value(const Event& event, const TakeValue& take) {
  for_each_other_value(event, {}, take);
}

void for_each_other_value(const Event& event, std::span<const std::string_view> placed,
                          const TakeValue& take) {
  for (const event::Field& field : event::all_fields()) {
    if (std::ranges::find(placed, field.name) != placed.end()) continue;
    const Values values(field, take);
    std::visit([&](auto place) { values.give(event.*place); }, field.place);
  }
}

std::string search_text(const Event& event) {
  if (event.kind != event::Kind::kSearch) return {};
  std::string out;
  const auto add = [&](std::string_view name, std::string_view value) {
    if (!value.empty()) out += fmt::format("{}{}={}", out.empty() ? "" : " ", name, value);
  };
  add("principal_type", event.principal_type);
  add("principal_id", event.principal_id);
  add("action", event.action);
  add("resource_type", event.resource_type);
  add("resource_id", event.resource_id);
  return out;
}

std::string_view text_or_why(const Event& event, std::string_view text, event::Part part) {
  if (!text.empty()) return text;
  const auto is_in = [&](event::Texts parts) {
    return std::ranges::find(parts, to_string(part)) != parts.end();
  };
  if (is_in(event.erased_parts)) return "(erased)";
  return is_in(event.locked_parts) ? "(locked)" : "(unknown)";
}

bool is_ipv4_address(std::string_view text) { return is_address(AF_INET, text); }

bool is_ip_address(std::string_view text) {
  return is_ipv4_address(text) || is_address(AF_INET6, text);
}

}  // namespace wardlock::audit
