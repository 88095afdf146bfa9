#include "api/admin/change.h"

#include <fmt/format.h>

#include <algorithm>

#include "api/admin/client_invitation.h"
#include "api/admin/oauth_clients.h"
#include "api/admin/operations.h"
#include "crypto/sha256.h"

namespace wardlock::admin {
namespace {

using directory::Edit;
using directory::KeptAnswer;

constexpr std::size_t kMostKeyBytes = 255;
constexpr int kUnprocessable = 422;
constexpr int kPreconditionFailed = 412;

/// As a structured field's string, or bare.
Answered<std::string> key_of(const net::HttpRequest& request) {
  std::string_view key = request.header("Idempotency-Key").value_or("");
  if (key.size() >= 2 && key.starts_with('"') && key.ends_with('"')) {
    key = key.substr(1, key.size() - 2);
  }
  const bool is_visible = std::ranges::all_of(key, [](char c) { return c > ' ' && c <= '~'; });
  if (key.size() <= kMostKeyBytes && is_visible && !key.contains('"')) return std::string(key);
  return invalid(fmt::format(
      "`Idempotency-Key` is a text of at most {} visible characters, such as a new UUID",
      kMostKeyBytes));
}

std::string fingerprint_of(const net::HttpRequest& request) {
  crypto::Sha256 hash;
  const auto add = [&hash](std::string_view part) {
    hash.update(fmt::format("{}:", part.size()));
    hash.update(part);
  };
  add(request.method);
  add(request.path);
  add(request.query);
  add(request.header("If-Match").value_or(""));
  add(request.body);
  return crypto::to_hex(hash.finish());
}

std::string to_text(const Done& done) {
  boost::json::object out{{"status", done.status}, {"location", done.location}};
  if (done.is_secret) out["isSecret"] = true;
  if (done.body && !done.is_secret) out["body"] = *done.body;
  if (done.version) out["version"] = *done.version;
  return codec::to_json_text(out);
}

Result<Done> to_done(std::string_view text) {
  const auto json = codec::parse_json(text);
  const auto* const kept = json ? json->if_object() : nullptr;
  const codec::Json* const status = kept == nullptr ? nullptr : kept->if_contains("status");
  const codec::Json* const location = kept == nullptr ? nullptr : kept->if_contains("location");
  if (status == nullptr || !status->is_int64() || location == nullptr || !location->is_string()) {
    return fail(ErrorCode::kDataLoss, "an answer that was kept is damaged: take a new key");
  }
  Done done{.status = static_cast<int>(status->get_int64()),
            .location = std::string(location->get_string()),
            .is_secret = kept->contains("isSecret")};
  if (const codec::Json* body = kept->if_contains("body")) done.body = *body;
  if (const codec::Json* version = kept->if_contains("version"); version && version->is_int64()) {
    done.version = static_cast<std::uint64_t>(version->get_int64());
  }
  return done;
}

/// What was answered before.
Answered<Done> again(const KeptAnswer& kept, std::string_view fingerprint) {
  if (kept.fingerprint != fingerprint) {
    return refuse(kUnprocessable, ErrorCode::kInvalidArgument,
                  "this `Idempotency-Key` came with another request before: take a new one for "
                  "each change");
  }
  Done done = TRY(to_done(kept.answer));
  if (!done.is_secret) return done;
  if (!kept.secret.empty()) {
    done.body = TRY(codec::parse_json(kept.secret));
    return done;
  }
  return refuse(409, ErrorCode::kFailedPrecondition,
                fmt::format("this was done before, as `{}`, and its secret was shown then: it is "
                            "kept nowhere; where it was lost, revoke it and issue another one",
                            done.location));
}

/// One change, in and out of the transaction.
class Attempt {
 public:
  Attempt(const Asked& asked, const Change& change, std::string key, bool is_dry_run)
      : asked_(asked),
        change_(change),
        key_(std::move(key)),
        fingerprint_(key_.empty() ? "" : fingerprint_of(asked.request)),
        is_dry_run_(is_dry_run) {}

  /// An error undoes all of it.
  Result<void> run(Edit& edit) {
    outcome_ = done_in(edit);
    if (!outcome_) return std::unexpected(outcome_.error().error);
    if (is_dry_run_) return fail(ErrorCode::kCancelled, "it was to be tried only");
    return {};
  }
  const Answered<Done>& outcome() const { return outcome_; }

 private:
  Answered<Done> done_in(Edit& edit) {
    if (!key_.empty()) {
      if (const auto kept = TRY(edit.find_answer(key_))) {
        // A secret is for who may have it now.
        if (!kept->secret.empty() && asked_.operation.gives == Message::kClient) {
          TRY_VOID(check_secret_of_client(asked_, edit, kept->thing));
        } else if (!kept->secret.empty() && asked_.operation.gives == Message::kClientInvitation) {
          TRY_VOID(check_client_invitation(asked_, edit, kept->thing));
        } else if (!kept->secret.empty()) {
          const directory::Thing holder = TRY(edit.find(kept->thing));
          TRY_VOID(asked_.errand.gate.check(administration::Deed::kIssueCredential, holder));
        }
        return again(*kept, fingerprint_);
      }
    }
    Done done = TRY(change_(edit));
    if (key_.empty() || is_dry_run_) return done;
    TRY_VOID(edit.keep_answer(
        {.key = key_,
         .fingerprint = fingerprint_,
         .answer = to_text(done),
         .thing = done.thing,
         .secret = done.is_secret && done.body ? codec::to_json_text(*done.body) : ""}));
    return done;
  }

  const Asked& asked_;
  const Change& change_;
  std::string key_;
  std::string fingerprint_;
  bool is_dry_run_;
  Answered<Done> outcome_ = Done{};
};

}  // namespace

Answered<Made> make_change(const Asked& asked, const std::string& reason, const Change& change) {
  const bool is_dry_run = TRY(asked.flag("dryRun"));
  std::string key = TRY(key_of(asked.request));
  Attempt attempt(asked, change, std::move(key), is_dry_run);
  directory::Mandate mandate = asked.errand.mandate;
  if (!reason.empty()) mandate.reason = reason;
  const auto revision =
      asked.errand.registry.write(mandate, [&attempt](Edit& edit) { return attempt.run(edit); });
  if (!attempt.outcome()) {
    Refusal refusal = attempt.outcome().error();
    if (refusal.error.code == ErrorCode::kAborted && asked.request.header("If-Match")) {
      refusal.status = kPreconditionFailed;
    }
    return std::unexpected(std::move(refusal));
  }
  if (is_dry_run) return Made{.done = *attempt.outcome(), .is_dry_run = true};
  if (!revision) return std::unexpected(Refusal(revision.error()));
  return Made{.done = *attempt.outcome(), .revision = *revision};
}

void write_made(const Asked& asked, const Made& made, net::HttpResponse& response) {
  const Done& done = made.done;
  if (made.is_dry_run) {
    response.headers.add("Wardlock-Dry-Run", "true");
  } else {
    response.headers.add(administration::kRevisionHeader, fmt::format("{}", made.revision));
    if (!done.location.empty()) {
      response.headers.add("Location", fmt::format("{}{}", asked.errand.base_url, done.location));
    }
  }
  response.status = made.is_dry_run ? 200 : done.status;
  if (done.version) response.headers.add("ETag", etag_of(*done.version));
  if (done.is_secret) response.headers.add("Cache-Control", "no-store");
  if (done.body) write_json(*done.body, response);
}

Answered<void> carry_out(const Asked& asked, const std::string& reason, const Change& change,
                         net::HttpResponse& response) {
  write_made(asked, TRY(make_change(asked, reason, change)), response);
  return {};
}

}  // namespace wardlock::admin
