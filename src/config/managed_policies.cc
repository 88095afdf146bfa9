#include "config/managed_policies.h"

#include "hsm/signing_token.h"

namespace wardlock::config {
namespace {

std::string text_of(const codec::Json& section, std::string_view name) {
  const codec::Json* value = section.get_object().if_contains(name);
  return value == nullptr ? std::string() : std::string(value->get_string());
}

std::optional<FollowedFolder> source_of(const codec::Json& managed) {
  const codec::Json* section = managed.get_object().if_contains("source");
  if (section == nullptr) return std::nullopt;
  return FollowedFolder{
      .folder = text_of(*section, "folder"),
      .service = text_of(*section, "service"),
      .interval = std::chrono::seconds(section->at("interval_seconds").get_int64())};
}

}  // namespace

ManagedPolicies managed_policies_of(
    const codec::Json& section,
    const std::function<void(std::string_view pointer, std::string message)>& refuse) {
  const codec::Json& key = section.at("key");
  const std::string file = text_of(key, "file");
  const std::string token = text_of(key, "pkcs11");
  if (file.empty() == token.empty()) {
    refuse("/key", "a key is in a `file` or in a token (`pkcs11`): give one of them");
  }
  if (!token.empty()) {
    const auto address = hsm::parse_token_address(token);
    if (!address) refuse("/key/pkcs11", address.error().message);
  }
  return {.environment = text_of(section, "environment"),
          .key = token.empty() ? file : token,
          .initial = text_of(section, "initial"),
          .trusted_keys = text_of(section, "trusted_keys"),
          .revoked_keys = text_of(section, "revoked_keys"),
          .last_bundle = text_of(section, "last_bundle"),
          .lifetime = std::chrono::hours(24) * section.at("lifetime_days").get_int64(),
          .approve_within = std::chrono::hours(section.at("approve_within_hours").get_int64()),
          .node_grace = std::chrono::seconds(section.at("node_grace_seconds").get_int64()),
          .node_silence = std::chrono::minutes(section.at("node_silence_minutes").get_int64()),
          .source = source_of(section)};
}

}  // namespace wardlock::config
