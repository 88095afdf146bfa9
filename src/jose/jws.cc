#include "jose/jws.h"

#include <fmt/format.h>

#include <optional>
#include <span>

#include "base/check.h"
#include "base/utf8.h"
#include "codec/base64url.h"

namespace wardlock::jose {
namespace {

constexpr codec::JsonLimits kHeaderLimits = {
    .max_bytes = std::size_t{8} << 10, .max_depth = 8, .max_members = 32};

std::string encoded(std::string_view bytes) {
  return codec::to_base64url(
      std::span(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()));
}

Result<std::string> decoded(std::string_view part, std::string_view name) {
  auto bytes = codec::from_base64url(part);
  if (!bytes) return invalid(fmt::format("the {} of a signed text is not base64url", name));
  return *std::move(bytes);
}

/// A text of the header; empty where there is none.
Result<std::string> text_of(const boost::json::object& header, std::string_view name) {
  const codec::Json* value = header.if_contains(name);
  if (!value) return std::string();
  if (!value->is_string()) {
    return invalid(fmt::format("`{}` in the header of a signed text is not text", name));
  }
  return std::string(value->get_string());
}

bool is_ecdsa(SignatureAlgorithm algorithm) {
  return algorithm == SignatureAlgorithm::kEs256 || algorithm == SignatureAlgorithm::kEs384 ||
         algorithm == SignatureAlgorithm::kEs512;
}

}  // namespace

Result<UnverifiedJws> UnverifiedJws::parse(std::string_view text) {
  if (text.size() > kMaxJwsBytes) {
    return invalid(
        fmt::format("a signed text has {} bytes; at most {} are read", text.size(), kMaxJwsBytes));
  }
  const std::size_t first = text.find('.');
  const std::size_t second = first == text.npos ? first : text.find('.', first + 1);
  if (second == text.npos || text.find('.', second + 1) != text.npos) {
    return invalid("a signed text has three parts with dots between them");
  }
  UnverifiedJws jws;
  const std::string header = TRY(decoded(text.substr(0, first), "header"));
  codec::Json json = TRY(codec::parse_json(header, kHeaderLimits));
  if (!json.is_object()) return invalid("the header of a signed text is not a JSON object");
  jws.header_ = std::move(json.get_object());
  if (jws.header_.if_contains("crit")) {
    return invalid("a signed text demands extensions (`crit`), of which none is understood");
  }
  const std::string name = TRY(text_of(jws.header_, "alg"));
  const auto algorithm = signature_algorithm(name);
  if (!algorithm) {
    return invalid(
        fmt::format("the algorithm `{}` of a signed text is not taken", printable(name)));
  }
  jws.algorithm_ = *algorithm;
  jws.key_id_ = TRY(text_of(jws.header_, "kid"));
  jws.type_ = TRY(text_of(jws.header_, "typ"));
  jws.signed_text_ = text.substr(0, second);
  jws.payload_ = TRY(decoded(text.substr(first + 1, second - first - 1), "payload"));
  jws.signature_ = TRY(decoded(text.substr(second + 1), "signature"));
  return jws;
}

bool UnverifiedJws::is_signed_by(const VerificationKey& key) const {
  if (algorithm_ != key.algorithm) return false;
  if (!is_ecdsa(algorithm_)) return key.key.verify(algorithm_, signed_text_, signature_);
  const auto der = crypto::ecdsa_to_der(algorithm_, signature_);
  return der && key.key.verify(algorithm_, signed_text_, *der);
}

std::string sign_jws(const SigningKey& key, std::string_view type, std::string_view payload) {
  boost::json::object header = {{"alg", crypto::to_string(key.algorithm)}};
  if (!type.empty()) header["typ"] = type;
  if (!key.id.empty()) header["kid"] = key.id;
  std::string text =
      encoded(codec::to_json_text(codec::Json(std::move(header)))) + '.' + encoded(payload);
  std::string signature = key.key.sign(key.algorithm, text);
  if (is_ecdsa(key.algorithm)) {
    auto plain = crypto::ecdsa_from_der(key.algorithm, signature);
    CHECK(plain);
    signature = *std::move(plain);
  }
  text += '.';
  text += encoded(signature);
  return text;
}

}  // namespace wardlock::jose
