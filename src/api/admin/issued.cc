#include "api/admin/issued.h"

#include "authn/token.h"
#include "directory/model/moment.h"

namespace wardlock::admin {

using directory::to_time_text;

Answered<WantedCredential> read_wanted(const Body& body) {
  const std::string form = TRY(text_in(body, "form", false));
  const auto known = directory::find_credential_form(form.empty() ? "token" : form);
  if (!known) return refuse({{"form", "must be `token` or `certificate`"}}, "#");
  WantedCredential wanted;
  wanted.entry.form = *known;
  wanted.entry.label = TRY(text_in(body, "label", false));
  wanted.entry.expires_ms = TRY(time_in(body, "expiresAt"));
  const std::string fingerprint = TRY(text_in(body, "fingerprint", false));
  if (*known == directory::CredentialForm::kCertificate) {
    if (!authn::is_sha256_text(fingerprint)) {
      return refuse({{"fingerprint",
                      "must be the certificate's: `sha256:` and 64 lowercase "
                      "hexadecimal digits"}},
                    "#");
    }
    wanted.entry.hash = fingerprint;
    return wanted;
  }
  if (!fingerprint.empty()) return refuse({{"fingerprint", "is for certificates"}}, "#");
  wanted.token = authn::new_token();
  wanted.entry.hash = authn::token_hash(wanted.token);
  return wanted;
}

codec::Json to_json(const directory::Credential& credential, std::int64_t now) {
  boost::json::object out{
      {"id", credential.id}, {"thing", credential.thing}, {"form", to_string(credential.form)}};
  if (!credential.label.empty()) out["label"] = credential.label;
  out["state"] = credential.revoked_ms        ? "revoked"
                 : credential.is_good_at(now) ? "good"
                                              : "expired";
  out["issuedAt"] = to_time_text(credential.issued_ms);
  out["expiresAt"] = to_time_text(credential.expires_ms);
  if (credential.revoked_ms) out["revokedAt"] = to_time_text(*credential.revoked_ms);
  if (credential.last_used_ms) out["lastUsedAt"] = to_time_text(*credential.last_used_ms);
  if (credential.form == directory::CredentialForm::kCertificate) {
    out["fingerprint"] = credential.hash;
  }
  out["issuedBy"] =
      boost::json::object{{"type", credential.issued_by_type}, {"id", credential.issued_by_id}};
  if (!credential.reason.empty()) out["reason"] = credential.reason;
  return out;
}

boost::json::object issued_json(const Asked& asked, const directory::Credential& credential,
                                const std::string& token) {
  boost::json::object out{{"credential", to_json(credential, asked.errand.now)}};
  if (!token.empty() && asked.parameter("dryRun") != "true") out["token"] = token;
  return out;
}

}  // namespace wardlock::admin
