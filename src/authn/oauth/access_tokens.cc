#include "authn/oauth/access_tokens.h"

#include <fmt/format.h>

#include <chrono>
#include <functional>

#include "authn/oauth/grant_rows.h"
#include "authn/oauth/parameters.h"
#include "authn/oauth/ticket.h"
#include "jose/jwt.h"

namespace wardlock::oauth {
namespace {

using storage::Work;

/// No access token lives longer (client_metadata.cc), nor does what was exchanged for it.
constexpr std::int64_t kLongestMs = std::int64_t{2} * 3600 * 1000;

std::unexpected<Refusal> refuse_token() {
  return refuse(Fault::kInvalidToken, "the access token is unknown, has expired, or was revoked");
}

std::string key_of(std::string_view tenant, std::string_view name) {
  return fmt::format("{}\n{}", tenant, name);
}

std::string text_of(const boost::json::object& json, std::string_view name) {
  const codec::Json* value = json.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : "";
}

std::int64_t integer_of(const boost::json::object& json, std::string_view name) {
  const codec::Json* value = json.if_contains(name);
  return value != nullptr && value->is_int64() ? value->get_int64() : 0;
}

std::vector<std::string> texts_of(const boost::json::object& json, std::string_view name) {
  std::vector<std::string> texts;
  const codec::Json* value = json.if_contains(name);
  if (value == nullptr) return texts;
  if (value->is_string()) return {std::string(value->get_string())};
  if (!value->is_array()) return texts;
  for (const codec::Json& each : value->get_array()) {
    if (each.is_string()) texts.emplace_back(std::string_view(each.get_string()));
  }
  return texts;
}

Binding binding_of(const boost::json::object& claims) {
  const codec::Json* cnf = claims.if_contains("cnf");
  if (cnf == nullptr || !cnf->is_object()) return {};
  return {.dpop_key = text_of(cnf->get_object(), "jkt"),
          .certificate = text_of(cnf->get_object(), "x5t#S256")};
}

}  // namespace

Result<Subject> read_subject(std::string_view tenant, boost::json::object claims) {
  const std::string id = text_of(claims, "jti");
  const std::size_t dot = id.find('.');
  Subject subject{.tenant = std::string(tenant),
                  .client = text_of(claims, "client_id"),
                  .thing = text_of(claims, "thing"),
                  .authentication = {.level = level_of(text_of(claims, "acr")),
                                     .methods = texts_of(claims, "amr"),
                                     .at_ms = integer_of(claims, "auth_time") * 1000},
                  .scopes = split_words(text_of(claims, "scope")),
                  .audiences = texts_of(claims, "aud"),
                  .session = text_of(claims, "sid"),
                  .binding = binding_of(claims),
                  .grant = id.substr(0, dot),
                  .id = id,
                  .issued_ms = integer_of(claims, "iat") * 1000,
                  .expires_ms = integer_of(claims, "exp") * 1000};
  const std::string sub = text_of(claims, "sub");
  if (dot == std::string::npos || subject.client.empty() || sub.empty()) {
    return fail(ErrorCode::kDataLoss, "a token does not say what all of ours say");
  }
  if (sub != subject.client) subject.person = sub;
  if (const codec::Json* actor = claims.if_contains("act")) subject.actor = *actor;
  subject.claims = std::move(claims);
  return subject;
}

AccessTokens::Shard& AccessTokens::shard_of(std::string_view key) const {
  return shards_.at(std::hash<std::string_view>{}(key) % kShards);
}

bool AccessTokens::has_ended(const Subject& subject) const {
  const std::string key = key_of(subject.tenant, subject.grant);
  const std::shared_lock lock(ended_mutex_);
  return ended_.contains(key);
}

std::shared_ptr<const Subject> AccessTokens::find_opaque(std::string_view tenant,
                                                         std::string_view token) const {
  const std::string key = key_of(tenant, hash_of(token));
  const Shard& shard = shard_of(key);
  const std::shared_lock lock(shard.mutex);
  const auto found = shard.opaque.find(key);
  return found == shard.opaque.end() ? nullptr : found->second;
}

Answer<std::shared_ptr<const Subject>> AccessTokens::verify_jwt(const Occasion& occasion,
                                                                std::string_view token) const {
  const auto keys = keys_.known(occasion.tenant);
  const auto jws = jose::UnverifiedJws::parse(token);
  if (keys == nullptr || !jws) return refuse_token();
  auto jwt = jose::verify_jwt(
      *jws, *keys,
      {.type = "at+jwt",
       .issuer = occasion.issuer,
       .audience = {},
       .now = std::chrono::sys_seconds(std::chrono::seconds(occasion.now_ms / 1000)),
       .leeway = std::chrono::seconds(0),
       .max_lifetime = std::chrono::seconds(0)});
  if (!jwt) return refuse_token();
  auto subject = read_subject(occasion.tenant, jwt->claims());
  if (!subject) return refuse_token();
  return std::make_shared<const Subject>(*std::move(subject));
}

Answer<std::shared_ptr<const Subject>> AccessTokens::verify(const Occasion& occasion,
                                                            std::string_view token) const {
  std::shared_ptr<const Subject> subject;
  if (is_ticket(Ticket::kAccessToken, token)) {
    subject = find_opaque(occasion.tenant, token);
  } else {
    subject = TRY(verify_jwt(occasion, token));
  }
  if (subject == nullptr || subject->expires_ms <= occasion.now_ms || has_ended(*subject)) {
    return refuse_token();
  }
  return subject;
}

Answer<std::shared_ptr<const Subject>> AccessTokens::verify_waiting(const Occasion& occasion,
                                                                    std::string_view token) {
  TRY_VOID(follow());
  return verify(occasion, token);
}

Result<void> AccessTokens::follow_opaque(Work& work) {
  const storage::Rows rows =
      TRY(work.query("SELECT tenant, hash, document, number FROM oauth_token WHERE "
                     "form = 'access' AND number > $1 ORDER BY number",
                     number_));
  for (const storage::Row row : rows) {
    const codec::Json claims = TRY(codec::parse_json(row.text(2)));
    const std::string key = key_of(row.text(0), row.text(1));
    auto subject = TRY(read_subject(row.text(0), claims.as_object()));
    Shard& shard = shard_of(key);
    const std::unique_lock lock(shard.mutex);
    shard.opaque.insert_or_assign(key, std::make_shared<const Subject>(std::move(subject)));
  }
  return {};
}

Result<void> AccessTokens::follow_ended(Work& work) {
  const storage::Rows rows = TRY(
      work.query("SELECT tenant, id, ended_ms FROM oauth_grant WHERE ended_number > $1", number_));
  const std::unique_lock lock(ended_mutex_);
  for (const storage::Row row : rows) {
    ended_.insert_or_assign(key_of(row.text(0), row.text(1)), row.integer(2));
  }
  return {};
}

Result<void> AccessTokens::follow() {
  const std::scoped_lock one_at_a_time(following_);
  std::int64_t reached = number_;
  const auto read = parts_.store.read([&](Work& work) -> Result<void> {
    const storage::Rows head =
        TRY(work.query("SELECT value FROM oauth_head WHERE name = 'number'"));
    reached = head.empty() ? number_ : head.front().integer(0);
    if (reached == number_) return {};
    TRY_VOID(follow_opaque(work));
    return follow_ended(work);
  });
  if (!read) return read;
  number_ = reached;
  return {};
}

void AccessTokens::tidy(std::int64_t now_ms) {
  for (Shard& shard : shards_) {
    const std::unique_lock lock(shard.mutex);
    std::erase_if(shard.opaque,
                  [&](const auto& entry) { return entry.second->expires_ms <= now_ms; });
  }
  const std::unique_lock lock(ended_mutex_);
  std::erase_if(ended_, [&](const auto& entry) { return entry.second + kLongestMs < now_ms; });
}

std::size_t AccessTokens::size() const {
  std::size_t size = 0;
  for (const Shard& shard : shards_) {
    const std::shared_lock lock(shard.mutex);
    size += shard.opaque.size();
  }
  return size;
}

Answer<void> check_presenter(const Subject& subject, bool is_dpop, std::string_view dpop_key,
                             std::string_view certificate) {
  const Binding& binding = subject.binding;
  // A bound token that is sent as a plain one would be no better than a plain one (RFC 9449, 7.2).
  if (binding.dpop_key.empty() == is_dpop || binding.dpop_key != dpop_key) {
    return refuse(Fault::kInvalidToken, "the token was sent without its key's proof");
  }
  if (!binding.certificate.empty() && binding.certificate != certificate) {
    return refuse(Fault::kInvalidToken, "the token was sent without its client's certificate");
  }
  return {};
}

}  // namespace wardlock::oauth
