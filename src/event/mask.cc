#include "event/mask.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>

namespace wardlock::event {
namespace {

constexpr std::string_view kHidden = "***";

template <typename Address, std::size_t kKeptBytes>
std::string_view network_of(int family, const char* text, Arena& arena) {
  std::array<std::uint8_t, sizeof(Address)> bytes;
  if (inet_pton(family, text, bytes.data()) != 1) return {};
  std::fill(bytes.begin() + kKeptBytes, bytes.end(), 0);
  std::array<char, INET6_ADDRSTRLEN> shown;
  inet_ntop(family, bytes.data(), shown.data(), shown.size());
  std::array<char, INET6_ADDRSTRLEN + 4> out;
  const auto end = fmt::format_to(out.data(), "{}/{}", shown.data(), 8 * kKeptBytes);
  return arena.copy(std::string_view(out.data(), end));
}

std::string_view mask_address(std::string_view text, Arena& arena) {
  std::array<char, INET6_ADDRSTRLEN> terminated = {};
  if (text.size() >= terminated.size() || text.contains('\0')) return kHidden;
  std::ranges::copy(text, terminated.begin());
  for (const std::string_view network :
       {network_of<in_addr, 3>(AF_INET, terminated.data(), arena),
        network_of<in6_addr, 6>(AF_INET6, terminated.data(), arena)}) {
    if (!network.empty()) return network;
  }
  return kHidden;
}

void hide(std::string_view& text, Mask how, Arena& arena) {
  if (!text.empty()) text = how == Mask::kNetwork ? mask_address(text, arena) : kHidden;
}
/// What is not a text is left out, where an event can do without it.
template <typename Value>
void hide(Value& value, Mask, Arena&) {
  value = {};
}
void hide(std::int64_t&, Mask, Arena&) {}
void hide(Kind&, Mask, Arena&) {}
void hide(Outcome&, Mask, Arena&) {}

}  // namespace

void mask_field(Event& event, const Field& field, Mask how, Arena& arena) {
  if (how == Mask::kKeep) return;
  std::visit([&](auto place) { hide(event.*place, how, arena); }, field.place);
}

Event masked(const Event& event, Arena& arena) {
  Event out = event;
  for (const Field& field : all_fields()) mask_field(out, field, field.mask, arena);
  return out;
}

}  // namespace wardlock::event
