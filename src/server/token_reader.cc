#include "server/token_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "api/authzen/metadata.h"
#include "authn/oauth/client_authentication.h"
#include "authn/oauth/parameters.h"
#include "authn/oauth/scope.h"
#include "authn/token.h"

namespace wardlock::server {
namespace {

using net::HttpRequest;
using oauth::Fault;
using oauth::Subject;

/// A token in its place, and how it was sent.
struct SentToken {
  std::string_view text;
  bool is_dpop = false;
};

/// Nothing: none came, or it is of another kind, which others read.
std::optional<SentToken> sent_token(const HttpRequest& request) {
  std::optional<std::string_view> value;
  for (const net::HttpHeader& header : request.headers) {
    if (!net::equal_ignoring_case(header.name, "Authorization")) continue;
    if (value) return std::nullopt;  // two: refused by whoever reads the other kinds
    value = header.value;
  }
  if (!value) return std::nullopt;
  const std::size_t space = value->find(' ');
  if (space == std::string_view::npos) return std::nullopt;
  const std::string_view scheme = value->substr(0, space);
  const SentToken sent{.text = value->substr(space + 1),
                       .is_dpop = net::equal_ignoring_case(scheme, "DPoP")};
  if (!sent.is_dpop && !net::equal_ignoring_case(scheme, "Bearer")) return std::nullopt;
  if (sent.text.empty() || authn::is_token(sent.text)) return std::nullopt;
  return sent;
}

std::string_view word_of(Fault fault) {
  switch (fault) {
    case Fault::kUseDpopNonce: return "";  // nobody did anything wrong
    case Fault::kInvalidDpopProof: return "dpop_proof";
    case Fault::kInsufficientScope: return "scope";
    default: return "unknown_token";
  }
}

std::string_view wanted(std::string_view scope) {
  return scope.empty() ? oauth::kAdministrationScope : scope;
}

TokenRefusal refusal_of(const oauth::Refusal& refusal, bool is_dpop, std::string_view scope) {
  const bool is_ours =
      refusal.fault == Fault::kServerError || refusal.fault == Fault::kTemporarilyUnavailable;
  if (is_ours) {
    return {.status = 503,
            .detail = refusal.description,
            .challenge = {},
            .is_failure = false,
            .word = ""};
  }
  const bool lacks_scope = refusal.fault == Fault::kInsufficientScope;
  return {.status = lacks_scope ? 403 : 401,
          .detail = refusal.description,
          .challenge = fmt::format(
              "{} realm=\"wardlock\", error=\"{}\", error_description=\"{}\"{}", scheme_of(is_dpop),
              to_string(refusal.fault), refusal.description,
              lacks_scope && !scope.empty() ? fmt::format(", scope=\"{}\"", scope) : ""),
          // Who has the token need not guess; and a nonce is asked for, not guessed.
          .is_failure = !lacks_scope && refusal.fault != Fault::kUseDpopNonce,
          .word = word_of(refusal.fault)};
}

bool is_for_us_alone(const Subject& subject, const std::string& issuer) {
  return !subject.audiences.empty() &&
         std::ranges::all_of(subject.audiences,
                             [&](const std::string& each) { return each == issuer; });
}

/// What the token must be for, so that nobody who got it for something else can come here with it.
oauth::Answer<void> check_purpose(const Subject& subject, const std::string& issuer,
                                  std::string_view scope) {
  const bool has_other = !scope.empty() && oauth::has_scope(subject.scopes, scope);
  if (!has_other && !oauth::has_scope(subject.scopes, oauth::kAdministrationScope)) {
    return oauth::refuse(Fault::kInsufficientScope,
                         fmt::format("the token was not given for the scope {}", wanted(scope)));
  }
  if (!is_for_us_alone(subject, issuer)) {
    return oauth::refuse(Fault::kInsufficientScope, "the token is for others, too, or instead");
  }
  if (subject.person.empty() || !subject.actor.is_null()) {
    return oauth::refuse(Fault::kInsufficientScope,
                         "people do this by themselves: nobody does in their names");
  }
  return {};
}

/// A person's token says nothing about the program that got hold of it.
oauth::Answer<void> check_client(const Subject& subject, const std::string& issuer) {
  if (!is_for_us_alone(subject, issuer)) {
    return oauth::refuse(Fault::kInsufficientScope, "the token is for others, too, or instead");
  }
  if (!subject.person.empty() || !subject.actor.is_null()) {
    return oauth::refuse(Fault::kInsufficientScope,
                         "the token is a person's: send it in Wardlock-Subject-Token, and ask with "
                         "one of your own");
  }
  return {};
}

/// That whoever sends it is who it was given to.
oauth::Answer<void> check_sender(oauth::Provider& rules, const oauth::Occasion& occasion,
                                 const HttpRequest& request, std::string_view url,
                                 const SentToken& sent, const Subject& subject) {
  std::optional<std::string_view> proof;
  for (const net::HttpHeader& header : request.headers) {
    if (!net::equal_ignoring_case(header.name, "DPoP")) continue;
    if (proof) return oauth::refuse(Fault::kInvalidDpopProof, "there are two proofs");
    proof = header.value;
  }
  const oauth::Parameters none;
  const std::string key = TRY(rules.authenticator.dpop_key(
      occasion, {.parameters = none, .dpop = proof, .method = request.method, .url = url},
      sent.text));
  const std::string certificate = request.peer_certificate == nullptr
                                      ? std::string()
                                      : oauth::certificate_thumbprint(*request.peer_certificate);
  return check_presenter(subject, sent.is_dpop, key, certificate);
}

}  // namespace

std::expected<std::optional<TokenReader::Shown>, TokenRefusal> TokenReader::verify(
    const Question& question, std::string_view scope, const Check& check) const {
  if (provider_ == nullptr) return std::nullopt;
  const auto sent = sent_token(question.request);
  if (!sent) return std::nullopt;
  const ServedTenant& tenant = question.tenant;
  auto issuer = authzen::base_url(question.request, question.public_url, tenant.base_path);
  if (!issuer) {
    return std::unexpected(TokenRefusal{.status = 400,
                                        .detail = issuer.error().message,
                                        .challenge = {},
                                        .is_failure = false,
                                        .word = "host"});
  }
  oauth::Provider& rules = provider_->rules();
  const oauth::Occasion occasion{.tenant = std::string(directory_tenant(tenant.name)),
                                 .issuer = *std::move(issuer),
                                 .now_ms = question.now};
  const std::string url =
      occasion.issuer + std::string(question.request.path.substr(tenant.base_path.size()));
  std::shared_ptr<authn::RateLimit> limit;
  const auto known = [&]() -> oauth::Answer<std::shared_ptr<const Subject>> {
    auto subject = TRY(rules.tokens.verify(occasion, sent->text));
    if (!subject->person.empty()) limit = provider_->limit_of(occasion.tenant, subject->person);
    TRY_VOID(check_sender(rules, occasion, question.request, url, *sent, *subject));
    TRY_VOID(check(*subject, occasion.issuer));
    return subject;
  }();
  if (!known) {
    TokenRefusal refusal = refusal_of(known.error(), sent->is_dpop, scope);
    refusal.limit = std::move(limit);
    if (sent->is_dpop) refusal.nonce = rules.proofs.nonce(question.now);
    return std::unexpected(std::move(refusal));
  }
  return Shown{.subject = *known, .limit = std::move(limit)};
}

std::expected<std::optional<DirectoryHolder>, TokenRefusal> TokenReader::read(
    const Question& question) const {
  const auto check = [&](const Subject& subject, const std::string& issuer) {
    return check_purpose(subject, issuer, question.scope);
  };
  auto shown = verify(question, wanted(question.scope), check);
  if (!shown) return std::unexpected(std::move(shown.error()));
  if (!*shown) return std::nullopt;
  return DirectoryHolder((*shown)->subject, std::move((*shown)->limit));
}

std::expected<std::optional<std::string>, TokenRefusal> TokenReader::read_client(
    const Question& question) const {
  auto shown = verify(question, {}, check_client);
  if (!shown) return std::unexpected(std::move(shown.error()));
  if (!*shown) return std::nullopt;
  return (*shown)->subject->client;
}

}  // namespace wardlock::server
