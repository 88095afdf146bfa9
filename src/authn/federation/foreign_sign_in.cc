#include "authn/federation/foreign_sign_in.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "authn/federation/client_proof.h"
#include "codec/base64url.h"
#include "codec/json.h"
#include "crypto/digest.h"
#include "crypto/sha256.h"
#include "net/query_string.h"

namespace wardlock::authn {

/// What a browser carries while it is away.
struct ForeignSignIn::Away {
  std::string state;
  std::string nonce;
  std::string verifier;  ///< PKCE's (RFC 7636, 4.1)
  std::int64_t began = 0;
  ForeignErrand errand = {};
};

/// A provider's answer that belongs to what was begun.
struct ForeignSignIn::Answer {
  std::string code;
};

namespace {

using std::chrono::sys_seconds;

constexpr std::string_view kLinking = "link";
constexpr std::string_view kAnew = "anew";
constexpr std::size_t kMostTextBytes = 1024;
constexpr std::size_t kMostCookieBytes = 4096;
constexpr std::size_t kMostQueryBytes = 8192;
constexpr codec::JsonLimits kReplyLimits = {
    .max_bytes = std::size_t{64} << 10, .max_depth = 16, .max_members = 64};

std::unexpected<Error> refuse(std::string message) {
  return fail(ErrorCode::kUnauthenticated, std::move(message));
}

template <typename Bytes>
std::string encoded(const Bytes& bytes) {
  return codec::to_base64url(
      std::span(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()));
}

/// A text of what a browser carried; empty where another version of ours sealed it without.
std::string text(const boost::json::object& carried, std::string_view name) {
  const codec::Json* found = carried.if_contains(name);
  return found == nullptr || !found->is_string() ? std::string() : std::string(found->get_string());
}

using Parameters = std::map<std::string, std::string, std::less<>>;

/// Each at most once (RFC 6749, 3.1).
Result<Parameters> parameters_of(std::string_view query) {
  if (query.size() > kMostQueryBytes) return refuse("the provider's answer is too long");
  auto read = net::read_query_string(query);
  if (!read) return refuse("the provider's answer is malformed");
  Parameters parameters;
  for (net::QueryParameter& each : *read) {
    if (!parameters.emplace(each.name, std::move(each.value)).second) {
      return refuse("the provider's answer says something twice");
    }
  }
  return parameters;
}

std::string value_of(const Parameters& parameters, std::string_view name) {
  const auto found = parameters.find(name);
  return found == parameters.end() ? std::string() : found->second;
}

/// RFC 6749, 4.1.2.1: a word that may be shown.
bool is_error_word(std::string_view word) {
  return !word.empty() && word.size() <= 64 &&
         std::ranges::all_of(word, [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; });
}

std::string challenge_of(std::string_view verifier) { return encoded(crypto::sha256(verifier)); }

std::string form_text(std::initializer_list<std::pair<std::string_view, std::string_view>> fields) {
  std::string out;
  for (const auto& [name, value] : fields) {
    if (value.empty()) continue;
    if (!out.empty()) out += '&';
    out += fmt::format("{}={}", name, net::percent_encoded(value));
  }
  return out;
}

}  // namespace

ForeignSignIn::ForeignSignIn(ProviderSettings settings, const net::Egress& egress,
                             const crypto::SealingKey& key, FillRandom fill_random)
    : settings_(std::move(settings)),
      egress_(egress),
      key_(key),
      fill_random_(std::move(fill_random)),
      documents_(settings_.issuer, settings_.rsa_algorithm, egress_) {}

Result<std::unique_ptr<ForeignSignIn>> ForeignSignIn::create(ProviderSettings settings,
                                                             const net::Egress& egress,
                                                             const crypto::SealingKey& key,
                                                             FillRandom fill_random) {
  TRY_VOID(check_provider(settings));
  TRY_VOID(check_proof(settings));
  return std::unique_ptr<ForeignSignIn>(
      new ForeignSignIn(std::move(settings), egress, key, std::move(fill_random)));
}

std::string ForeignSignIn::random_text() const {
  std::array<std::uint8_t, 32> bytes;
  fill_random_(bytes);
  return codec::to_base64url(bytes);
}

std::string ForeignSignIn::belongs_to() const {
  return fmt::format("foreign sign-in\n{}\n{}\n{}", settings_.tenant, settings_.name,
                     settings_.issuer);
}

Secret ForeignSignIn::seal(const Away& away) const {
  const boost::json::object carried = {
      {"state", away.state},
      {"nonce", away.nonce},
      {"verifier", away.verifier},
      {"began", away.began},
      {"purpose", away.errand.purpose == ForeignPurpose::kLink ? kLinking : ""},
      {"bound_to", away.errand.bound_to},
      {"return_to", away.errand.return_to},
      {"anew", away.errand.is_anew ? kAnew : ""},
  };
  return Secret(encoded(key_.seal(codec::to_json_text(carried), belongs_to())));
}

Result<ForeignSignIn::Away> ForeignSignIn::open(std::string_view cookie, sys_seconds now) const {
  const auto refused = [] {
    return refuse("this browser has not begun to sign in at the provider, or too long ago");
  };
  if (cookie.size() > kMostCookieBytes) return refused();
  const auto sealed = codec::from_base64url(cookie);
  const auto opened = sealed ? key_.open(*sealed, belongs_to()) : std::nullopt;
  if (!opened) return refused();
  const auto json = codec::parse_json(*opened);
  if (!json || !json->is_object()) return refused();
  const boost::json::object& carried = json->get_object();
  const codec::Json* began = carried.if_contains("began");
  if (began == nullptr || !began->is_int64()) return refused();
  Away away{.state = text(carried, "state"),
            .nonce = text(carried, "nonce"),
            .verifier = text(carried, "verifier"),
            .began = began->get_int64()};
  away.errand.bound_to = text(carried, "bound_to");
  away.errand.return_to = text(carried, "return_to");
  away.errand.is_anew = text(carried, "anew") == kAnew;
  if (text(carried, "purpose") == kLinking) away.errand.purpose = ForeignPurpose::kLink;
  const std::int64_t age = now.time_since_epoch().count() - away.began;
  if (age < 0 || age > kLifetime.count() || away.state.empty()) return refused();
  return away;
}

Result<BegunErrand> ForeignSignIn::begin(const ForeignErrand& errand, sys_seconds now,
                                         const net::Interruption& interruption) {
  if (errand.bound_to.size() > kMostTextBytes || errand.return_to.size() > kMostTextBytes) {
    return invalid("what is to be brought back from a provider is too long");
  }
  if (errand.purpose == ForeignPurpose::kLink && errand.bound_to.empty()) {
    return invalid("an account is linked in a session or an enrolment alone");
  }
  const ProviderMetadata metadata = TRY(documents_.metadata(now, interruption));
  const Away away{.state = random_text(),
                  .nonce = random_text(),
                  .verifier = random_text(),
                  .began = now.time_since_epoch().count(),
                  .errand = errand};
  const std::string parameters = form_text({
      {"response_type", "code"},
      {"client_id", settings_.client_id},
      {"redirect_uri", settings_.redirect_uri},
      {"scope", fmt::format("{}", fmt::join(settings_.scopes, " "))},
      {"state", away.state},
      {"nonce", away.nonce},
      {"code_challenge", challenge_of(away.verifier)},
      {"code_challenge_method", "S256"},
      {"acr_values", fmt::format("{}", fmt::join(settings_.acr_values, " "))},
      {"max_age", max_age_of(errand)},
      {"prompt", errand.is_anew ? "login" : ""},
  });
  const bool has_query = metadata.authorization_endpoint.find('?') != std::string::npos;
  return BegunErrand{.url = fmt::format("{}{}{}", metadata.authorization_endpoint,
                                        has_query ? '&' : '?', parameters),
                     .cookie = seal(away)};
}

std::string ForeignSignIn::max_age_of(const ForeignErrand& errand) const {
  if (errand.is_anew) return "0";
  return settings_.max_age ? std::to_string(settings_.max_age->count()) : "";
}

Result<ForeignSignIn::Answer> ForeignSignIn::read_answer(std::string_view query, const Away& away,
                                                         bool says_issuer) const {
  const Parameters parameters = TRY(parameters_of(query));
  if (!crypto::equal_in_constant_time(value_of(parameters, "state"), away.state)) {
    return refuse("the provider's answer is not to what this browser began: its state is another");
  }
  // RFC 9207, 2.4: an answer of one provider must not be redeemed at another.
  const auto issuer = parameters.find("iss");
  if (issuer != parameters.end() ? issuer->second != settings_.issuer : says_issuer) {
    return refuse("the answer is another provider's, or does not say whose it is");
  }
  if (const std::string error = value_of(parameters, "error"); !error.empty()) {
    return fail(ErrorCode::kFailedPrecondition,
                fmt::format("the provider refused it: `{}`", is_error_word(error) ? error : "?"));
  }
  Answer answer{.code = value_of(parameters, "code")};
  if (answer.code.empty()) return refuse("the provider's answer has no code");
  return answer;
}

/// The ID token that the code is good for (RFC 6749, 4.1.3).
Result<std::string> ForeignSignIn::redeem(const Answer& answer, const Away& away,
                                          const std::string& endpoint, sys_seconds now,
                                          const net::Interruption& interruption) const {
  const ClientProof proof = prove_client(settings_, random_text(), now);
  const std::string body = form_text({
      {"grant_type", "authorization_code"},
      {"code", answer.code},
      {"redirect_uri", settings_.redirect_uri},
      {"code_verifier", away.verifier},
      {"client_id", proof.assertion.empty() ? "" : settings_.client_id},
      {"client_assertion_type", proof.assertion.empty() ? "" : kAssertionType},
      {"client_assertion", proof.assertion},
  });
  net::OutgoingRequest request = {.method = "POST",
                                  .url = endpoint,
                                  .headers = {{"Content-Type", "application/x-www-form-urlencoded"},
                                              {"Accept", "application/json"}},
                                  .body = body};
  if (!proof.authorization.empty()) {
    request.headers.emplace_back("Authorization", proof.authorization.reveal());
  }
  const net::HttpReply reply = TRY(egress_.fetch(request, interruption, kReplyLimits.max_bytes));
  if (reply.status >= 500) {
    return fail(ErrorCode::kUnavailable, fmt::format("the provider answers {}", reply.status));
  }
  if (reply.status != 200) return refuse("the provider does not take the code");
  const auto json = codec::parse_json(reply.body, kReplyLimits);
  if (!json || !json->is_object()) return refuse("the provider's reply is no JSON object");
  const codec::Json* token = json->get_object().if_contains("id_token");
  if (token == nullptr || !token->is_string())
    return refuse("the provider's reply has no ID token");
  return std::string(token->get_string());
}

Result<FinishedErrand> ForeignSignIn::finish(std::string_view cookie, std::string_view query,
                                             sys_seconds now,
                                             const net::Interruption& interruption) {
  const Away away = TRY(open(cookie, now));
  const ProviderMetadata metadata = TRY(documents_.metadata(now, interruption));
  const Answer answer = TRY(read_answer(query, away, metadata.says_issuer));
  const std::string text_of_token =
      TRY(redeem(answer, away, metadata.token_endpoint, now, interruption));
  const auto token = jose::UnverifiedJws::parse(text_of_token);
  if (!token) return refuse(token.error().message);
  const auto keys = TRY(documents_.keys_with(token->key_id(), now, interruption));
  FinishedErrand finished;
  finished.identity = TRY(read_id_token(
      *token, *keys, settings_,
      {.nonce = away.nonce,
       .now = now,
       .not_before = away.errand.is_anew
                         ? std::optional(sys_seconds(std::chrono::seconds(away.began)))
                         : std::nullopt}));
  finished.errand = away.errand;
  return finished;
}

}  // namespace wardlock::authn
