#include "authn/oauth/dpop.h"

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <utility>

#include "codec/base64url.h"
#include "crypto/digest.h"
#include "crypto/sha256.h"
#include "jose/jwt.h"

namespace wardlock::oauth {
namespace {

constexpr std::int64_t kMinuteMs = 60'000;
/// A proof's nonce is of this minute or the one before, and its `iat` near: it is over after so
/// long.
constexpr std::int64_t kPeriodMinutes = 4;
constexpr std::int64_t kMostAgeSeconds = 120;
constexpr std::int64_t kMostAheadSeconds = 30;
constexpr std::size_t kMostIdBytes = 256;

std::unexpected<Refusal> refuse_proof(std::string_view why) {
  return refuse(Fault::kInvalidDpopProof, why);
}

std::string_view text_of(const boost::json::object& json, std::string_view name) {
  const codec::Json* value = json.if_contains(name);
  return value != nullptr && value->is_string() ? std::string_view(value->get_string()) : "";
}

/// The key that the proof brings along, if it signed the proof.
Answer<jose::VerificationKey> key_of(const jose::UnverifiedJws& jws) {
  if (jws.type() != "dpop+jwt") return refuse_proof("the proof's 'typ' is not dpop+jwt");
  const codec::Json* jwk = jws.header().if_contains("jwk");
  if (jwk == nullptr) return refuse_proof("the proof's header has no 'jwk'");
  auto key = jose::parse_jwk(*jwk, jws.algorithm());
  if (!key) return refuse_proof("the proof's 'jwk' is no public key for signatures");
  if (!jws.is_signed_by(*key)) return refuse_proof("the proof's signature is not its key's");
  return *std::move(key);
}

Answer<void> check_time(const boost::json::object& claims, std::int64_t now_ms) {
  const codec::Json* issued = claims.if_contains("iat");
  if (issued == nullptr || !issued->is_number()) return refuse_proof("the proof has no 'iat'");
  const double age = static_cast<double>(now_ms) / 1000 - issued->to_number<double>();
  if (age > kMostAgeSeconds || age < -kMostAheadSeconds) {
    return refuse_proof("the proof is too old, or from the future");
  }
  return {};
}

/// RFC 9449, 4.3: scheme and host without case, the usual port left out; no query, no fragment.
std::string normal_url(std::string_view url) {
  url = url.substr(0, url.find_first_of("?#"));
  const std::size_t scheme_end = url.find("://");
  if (scheme_end == std::string_view::npos) return std::string(url);
  const std::size_t host_end = std::min(url.find('/', scheme_end + 3), url.size());
  std::string head(url.substr(0, host_end));
  for (char& c : head) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  if (head.starts_with("https://") && head.ends_with(":443")) head.resize(head.size() - 4);
  if (head.starts_with("http://") && head.ends_with(":80")) head.resize(head.size() - 3);
  const std::string_view path = url.substr(host_end);
  return head + std::string(path.empty() ? "/" : path);
}

Answer<void> check_claims(const boost::json::object& claims, const DpopQuestion& question) {
  if (text_of(claims, "htm") != question.method) return refuse_proof("'htm' is another method");
  if (normal_url(text_of(claims, "htu")) != normal_url(question.url)) {
    return refuse_proof("'htu' is another place");
  }
  TRY_VOID(check_time(claims, question.now_ms));
  const std::string_view id = text_of(claims, "jti");
  if (id.empty() || id.size() > kMostIdBytes) return refuse_proof("the proof has no short 'jti'");
  if (question.access_token.empty()) return {};
  const std::string hash = codec::to_base64url(crypto::sha256(question.access_token));
  if (text_of(claims, "ath") != hash) return refuse_proof("'ath' is another token's");
  return {};
}

}  // namespace

std::string DpopProofs::nonce_of(std::int64_t minute) const {
  return codec::to_base64url(nonce_key_.sign({"dpop nonce ", fmt::format("{}", minute)}));
}

std::string DpopProofs::nonce(std::int64_t now_ms) const { return nonce_of(now_ms / kMinuteMs); }

Answer<void> DpopProofs::take_once(std::string_view id, std::int64_t now_ms) {
  const std::int64_t minute = now_ms / kMinuteMs;
  const crypto::Sha256Digest digest = crypto::sha256(id);
  const std::string kept(reinterpret_cast<const char*>(digest.data()), 16);
  const std::scoped_lock lock(mutex_);
  if (minute - since_minute_ >= kPeriodMinutes) {
    const bool is_long_ago = minute - since_minute_ >= 2 * kPeriodMinutes;
    before_ = is_long_ago ? std::unordered_set<std::string>() : std::exchange(seen_, {});
    if (is_long_ago) seen_.clear();
    since_minute_ = minute;
  }
  if (seen_.contains(kept) || before_.contains(kept)) {
    return refuse_proof("the proof was used before");
  }
  if (seen_.size() >= most_) {
    return refuse(Fault::kTemporarilyUnavailable, "too many proofs at once; try again");
  }
  seen_.insert(kept);
  return {};
}

Answer<std::string> DpopProofs::verify(const DpopQuestion& question) {
  const auto jws = jose::UnverifiedJws::parse(question.proof);
  if (!jws) return refuse_proof("the proof is no signed token");
  const jose::VerificationKey key = TRY(key_of(*jws));
  const auto json = codec::parse_json(
      jws->payload(), {.max_bytes = jose::kMaxJwsBytes, .max_depth = 8, .max_members = 64});
  if (!json || !json->is_object()) return refuse_proof("the proof's claims are no JSON object");
  const boost::json::object& claims = json->get_object();
  TRY_VOID(check_claims(claims, question));
  std::string thumbprint = jose::thumbprint(key.key);
  if (!question.key.empty() && question.key != thumbprint) {
    return refuse_proof("the proof is of another key than the token");
  }
  const std::string_view nonce_sent = text_of(claims, "nonce");
  const std::int64_t minute = question.now_ms / kMinuteMs;
  if (!crypto::equal_in_constant_time(nonce_sent, nonce_of(minute)) &&
      !crypto::equal_in_constant_time(nonce_sent, nonce_of(minute - 1))) {
    return refuse(Fault::kUseDpopNonce, "use the nonce of the header DPoP-Nonce");
  }
  TRY_VOID(take_once(thumbprint + std::string(text_of(claims, "jti")), question.now_ms));
  return thumbprint;
}

}  // namespace wardlock::oauth
