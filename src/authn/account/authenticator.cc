#include "authn/account/authenticator.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "codec/json_writer.h"

namespace wardlock::authn {
namespace {

constexpr std::array<std::string_view, kAuthenticatorKinds> kKinds = {
    "password",    "totp", "hotp",  "recovery_codes", "passkey",
    "certificate", "pin",  "badge", "device",         "linked_account"};
constexpr std::array<std::string_view, 5> kStates = {"pending", "active", "lost", "revoked",
                                                     "expired"};

template <typename Value, std::size_t kCount>
std::optional<Value> find_in(const std::array<std::string_view, kCount>& names,
                             std::string_view name) {
  const auto* const found = std::ranges::find(names, name);
  if (found == names.end()) return std::nullopt;
  return static_cast<Value>(found - names.begin());
}

}  // namespace

std::string_view to_string(AuthenticatorKind kind) {
  return kKinds.at(static_cast<std::size_t>(kind));
}
std::optional<AuthenticatorKind> find_authenticator_kind(std::string_view name) {
  return find_in<AuthenticatorKind>(kKinds, name);
}

std::string_view to_string(AuthenticatorState state) {
  return kStates.at(static_cast<std::size_t>(state));
}
std::optional<AuthenticatorState> find_authenticator_state(std::string_view name) {
  return find_in<AuthenticatorState>(kStates, name);
}

std::string to_feed_text(const Authenticator& authenticator) {
  std::string text;
  codec::JsonWriter json(text);
  json.begin_object();
  json.plain_member("id", authenticator.id);
  json.plain_member("person", authenticator.person);
  json.plain_member("kind", to_string(authenticator.kind));
  json.member("label", authenticator.label);
  json.plain_member("state", to_string(authenticator.state));
  const auto time = [&](const codec::JsonKey& name, const std::optional<std::int64_t>& value) {
    if (!value) return;
    json.key(name);
    json.integer(*value);
  };
  time("made_ms", authenticator.made_ms);
  time("expires_ms", authenticator.expires_ms);
  time("ended_ms", authenticator.ended_ms);
  json.end_object();
  return text;
}

}  // namespace wardlock::authn
