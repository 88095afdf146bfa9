#include "bundle/envelope.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "bundle/statement.h"
#include "codec/base64.h"
#include "codec/json.h"

namespace wardlock::bundle {
namespace {

constexpr codec::JsonLimits kLimits = {
    .max_bytes = kMaxEnvelopeBytes, .max_depth = 4, .max_members = 8};
constexpr std::size_t kKeyIdBytes = 64;
constexpr std::size_t kMaxSignatureBytes = 128;

std::unexpected<Error> malformed() {
  return invalid("this is no policy bundle: its first line is not as one begins");
}

std::string base64(std::string_view bytes) {
  return codec::to_base64({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
}

std::string_view text_of(const boost::json::object& object, std::string_view key) {
  const codec::Json* value = object.if_contains(key);
  return value != nullptr && value->is_string() ? std::string_view(value->get_string()) : "";
}

std::optional<BundleSignature> read_signature(const codec::Json& json) {
  if (!json.is_object()) return std::nullopt;
  const std::string_view key_id = text_of(json.get_object(), "keyid");
  const bool is_hex = std::ranges::all_of(
      key_id, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
  auto bytes = codec::from_base64(text_of(json.get_object(), "sig"));
  if (key_id.size() != kKeyIdBytes || !is_hex || !bytes || bytes->empty() ||
      bytes->size() > kMaxSignatureBytes) {
    return std::nullopt;
  }
  return BundleSignature{std::string(key_id), *std::move(bytes)};
}

}  // namespace

std::string envelope_text(const Envelope& envelope) {
  std::string out = fmt::format(R"({{"payload":"{}","payloadType":"{}","signatures":[)",
                                base64(envelope.statement), kPayloadType);
  for (const BundleSignature& signature : envelope.signatures) {
    if (out.back() != '[') out += ',';
    out += fmt::format(R"({{"keyid":"{}","sig":"{}"}})", signature.key_id, base64(signature.bytes));
  }
  return out + "]}";
}

Result<Envelope> parse_envelope(std::string_view text) {
  const auto json = codec::parse_json(text, kLimits);
  if (!json || !json->is_object()) return malformed();
  const boost::json::object& object = json->get_object();
  auto statement = codec::from_base64(text_of(object, "payload"));
  const codec::Json* signatures = object.if_contains("signatures");
  if (!statement || signatures == nullptr || !signatures->is_array()) return malformed();
  if (statement->size() > kMaxStatementBytes || signatures->get_array().size() > kMaxSignatures) {
    return fail(ErrorCode::kResourceExhausted,
                fmt::format("a bundle has {} signatures and {} bytes of statement at most",
                            kMaxSignatures, kMaxStatementBytes));
  }
  Envelope envelope{.statement = *std::move(statement)};
  for (const codec::Json& each : signatures->get_array()) {
    auto signature = read_signature(each);
    if (!signature) return malformed();
    if (!envelope.signatures.empty() && signature->key_id <= envelope.signatures.back().key_id) {
      return invalid("the bundle's signatures are not in the order of their keys, each key once");
    }
    envelope.signatures.push_back(*std::move(signature));
  }
  // Another order, a space, an escape, a key that is not known: each would be a second form.
  if (envelope_text(envelope) != text) return malformed();
  return envelope;
}

std::string signed_text(std::string_view statement) {
  return fmt::format("DSSEv1 {} {} {} {}", kPayloadType.size(), kPayloadType, statement.size(),
                     statement);
}

}  // namespace wardlock::bundle
