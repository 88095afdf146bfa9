#include "api/consent/consents.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <utility>
#include <vector>

#include "administration/glass_view.h"
#include "api/consent/fhir_answer.h"
#include "base/utf8.h"
#include "base/version.h"
#include "codec/json.h"
#include "directory/model/document.h"
#include "directory/model/moment.h"
#include "net/query_string.h"

namespace wardlock::consent_api {
namespace {

using access::ChangedConsent;
using access::KeptConsent;
using access::WrittenConsent;
using administration::Deed;
using boost::json::array;
using boost::json::object;
using directory::Kind;
using directory::Thing;

constexpr std::size_t kMostListed = 100;
constexpr std::string_view kOfPatient = "Patient/";
constexpr codec::JsonLimits kLimits{
    .max_bytes = access::kMostConsentBytes, .max_depth = 32, .max_members = 256};

Result<WrittenConsent> consent_in(const net::HttpRequest& request) {
  const std::string_view type = request.header("Content-Type").value_or("");
  const std::string_view media = type.substr(0, type.find(';'));
  if (!net::equal_ignoring_case(media, "application/fhir+json") &&
      !net::equal_ignoring_case(media, "application/json")) {
    return invalid("send `application/fhir+json`, and say so in `Content-Type`");
  }
  if (request.body.size() > kLimits.max_bytes) {
    return invalid(fmt::format("`Consent` has more than {} bytes", kLimits.max_bytes));
  }
  const codec::Json json = TRY(codec::parse_json(request.body, kLimits));
  return access::read_consent(json);
}

/// Of `If-Match: W/"3"`; nothing: there is none.
Result<std::optional<std::int64_t>> expected_version(const net::HttpRequest& request) {
  const auto header = request.header("If-Match");
  if (!header) return std::nullopt;
  std::string_view text = *header;
  if (text.starts_with("W/")) text.remove_prefix(2);
  std::int64_t version = 0;
  const bool is_quoted = text.size() > 2 && text.starts_with('"') && text.ends_with('"');
  if (is_quoted) {
    text = text.substr(1, text.size() - 2);
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), version);
    if (error == std::errc() && end == text.data() + text.size()) return version;
  }
  return invalid("`If-Match` must be an ETag that was given here, such as `W/\"3\"`");
}

Result<object> resource_of(const KeptConsent& consent) {
  codec::Json json = TRY(codec::parse_json(consent.document));
  if (!json.is_object()) return fail(ErrorCode::kDataLoss, "the consent cannot be read");
  object& out = json.get_object();
  out["id"] = consent.id;
  codec::Json& meta = out["meta"];
  if (!meta.is_object()) meta = object();
  meta.get_object()["versionId"] = std::to_string(consent.version);
  meta.get_object()["lastUpdated"] = directory::to_time_text(consent.made_ms);
  return std::move(out);
}

Result<void> write_consent(const KeptConsent& consent, net::HttpResponse& response) {
  response.headers.add("ETag", fmt::format("W/\"{}\"", consent.version));
  write_resource(TRY(resource_of(consent)), response);
  return {};
}

Result<void> write_bundle(const ConsentCall& call, std::string_view type,
                          const std::vector<KeptConsent>& consents, net::HttpResponse& response) {
  array entries;
  for (const KeptConsent& each : consents) {
    object entry{{"fullUrl", fmt::format("{}/fhir/Consent/{}", call.errand.base_url, each.id)},
                 {"resource", TRY(resource_of(each))}};
    if (type == "searchset") entry["search"] = object{{"mode", "match"}};
    if (type == "history") {
      entry["request"] = object{{"method", each.version == 1 ? "POST" : "PUT"},
                                {"url", fmt::format("Consent/{}", each.id)}};
      entry["response"] = object{{"status", each.version == 1 ? "201" : "200"},
                                 {"etag", fmt::format("W/\"{}\"", each.version)}};
    }
    entries.emplace_back(std::move(entry));
  }
  object bundle{{"resourceType", "Bundle"}, {"type", type}};
  if (!entries.empty()) bundle["entry"] = std::move(entries);
  if (type == "searchset" && consents.size() == kMostListed) {
    bundle["link"] = array{
        object{{"relation", "next"},
               {"url", fmt::format("{}/fhir/Consent?patient={}&before={}", call.errand.base_url,
                                   consents.back().patient, consents.back().id)}}};
  }
  write_resource(bundle, response);
  return {};
}

/// As if for one who is there.
Result<void> check_unknown(const ConsentCall& call, Deed deed) {
  const Thing somebody{.id = "unknown",
                       .kind = Kind::kPatient,
                       .state = "registered",
                       .document = TRY(directory::Document::read_kept(Kind::kPatient, "{}"))};
  return call.errand.gate.check(deed, somebody);
}

/// The patient of that name, where whoever asks may do that. Whoever may it for nobody is not told
/// whether there is this one.
Result<Thing> patient_for(const ConsentCall& call, Deed deed, std::string_view name) {
  auto patient = call.desk.find_patient(call.tenant(), name);
  if (!patient) {
    TRY_VOID(check_unknown(call, deed));
    return patient;
  }
  TRY_VOID(call.errand.gate.check(deed, *patient));
  return patient;
}

/// The consent, where whoever asks may see it.
Result<KeptConsent> visible_consent(const ConsentCall& call) {
  const auto hidden = [] {
    return fail(ErrorCode::kNotFound, "there is no such consent that you may see");
  };
  auto consent = call.desk.find(call.tenant(), call.id);
  if (!consent) {
    if (consent.error().code == ErrorCode::kNotFound) return hidden();
    return consent;
  }
  const Thing patient = TRY(call.errand.registry.find(call.tenant(), consent->patient));
  const auto allowed = call.errand.gate.check(Deed::kReadConsents, patient);
  if (allowed) return consent;
  if (allowed.error().code == ErrorCode::kPermissionDenied) return hidden();
  return std::unexpected(allowed.error());
}

/// Whether decisions are to look at it now.
bool counts(const KeptConsent& consent, const WrittenConsent& written, std::int64_t now) {
  const auto ends = written.provisions.front().ends_ms;
  return consent.is_active() && (!ends || *ends > now);
}

/// INVARIANT: whoever is told that a consent counts, or is withdrawn, is decided about accordingly
/// by this node from then on.
Result<void> write_changed(const ConsentCall& call, const ChangedConsent& changed, bool is_to_count,
                           net::HttpResponse& response) {
  const std::string& id = changed.consent.id;
  std::function<Result<void>()> withdraw;
  if (is_to_count) {
    withdraw = [&]() -> Result<void> {
      TRY(call.desk.withdraw(call.errand.mandate, id, std::nullopt));
      return {};
    };
  }
  TRY_VOID(administration::await_sight(call.errand.glass_view, id, changed.revision, withdraw,
                                       "it is inactive: decisions could not look at it, since"));
  response.headers.add(administration::kRevisionHeader, std::to_string(changed.revision));
  return write_consent(changed.consent, response);
}

/// Error: there is a parameter that is none of these, and that would have to be looked at.
Result<void> check_parameters(const std::vector<net::QueryParameter>& parameters,
                              std::initializer_list<std::string_view> known) {
  for (const net::QueryParameter& each : parameters) {
    if (std::ranges::find(known, each.name) != known.end()) continue;
    return invalid(fmt::format("there is no search by `{}`: ask by `patient`, `status`",
                               printable(each.name)));
  }
  return {};
}

std::string value_of(const std::vector<net::QueryParameter>& parameters, std::string_view name) {
  const auto found = std::ranges::find(parameters, name, &net::QueryParameter::name);
  return found == parameters.end() ? std::string() : found->value;
}

}  // namespace

Result<void> describe(const ConsentCall& /*call*/, net::HttpResponse& response) {
  array interactions;
  for (const std::string_view each :
       {"read", "update", "delete", "history-instance", "create", "search-type"}) {
    interactions.emplace_back(object{{"code", each}});
  }
  const object consent{{"type", "Consent"},
                       {"interaction", std::move(interactions)},
                       {"versioning", "versioned-update"},
                       {"readHistory", false},
                       {"updateCreate", false},
                       {"searchParam", array{object{{"name", "patient"}, {"type", "reference"}},
                                             object{{"name", "status"}, {"type", "token"}}}}};
  const object software{{"name", "Wardlock"}, {"version", version()}};
  write_resource(object{{"resourceType", "CapabilityStatement"},
                        {"status", "active"},
                        {"date", "2026-11-23"},
                        {"kind", "instance"},
                        {"fhirVersion", "4.0.1"},
                        {"format", array{"application/fhir+json"}},
                        {"software", software},
                        {"implementation", object{{"description", "Patients' consents"}}},
                        {"rest", array{object{{"mode", "server"}, {"resource", array{consent}}}}}},
                 response);
  return {};
}

Result<void> enter_consent(const ConsentCall& call, net::HttpResponse& response) {
  TRY_VOID(check_unknown(call, Deed::kEnterConsent));
  const WrittenConsent written = TRY(consent_in(call.request));
  TRY(patient_for(call, Deed::kEnterConsent, written.patient.name));
  const ChangedConsent entered = TRY(call.desk.enter(call.errand.mandate, written));
  response.status = 201;
  response.headers.add("Location",
                       fmt::format("{}/fhir/Consent/{}", call.errand.base_url, entered.consent.id));
  return write_changed(call, entered, counts(entered.consent, written, call.errand.now), response);
}

Result<void> replace_consent(const ConsentCall& call, net::HttpResponse& response) {
  const KeptConsent before = TRY(visible_consent(call));
  const Thing patient = TRY(call.errand.registry.find(call.tenant(), before.patient));
  TRY_VOID(call.errand.gate.check(Deed::kEnterConsent, patient));
  const auto expected = TRY(expected_version(call.request));
  const WrittenConsent written = TRY(consent_in(call.request));
  if (written.id != call.id) return invalid("`Consent.id` must be the one that the path names");
  const ChangedConsent changed =
      TRY(call.desk.replace(call.errand.mandate, call.id, expected, written));
  return write_changed(call, changed, counts(changed.consent, written, call.errand.now), response);
}

Result<void> withdraw_consent(const ConsentCall& call, net::HttpResponse& response) {
  const KeptConsent before = TRY(visible_consent(call));
  const Thing patient = TRY(call.errand.registry.find(call.tenant(), before.patient));
  TRY_VOID(call.errand.gate.check(Deed::kEnterConsent, patient));
  const auto expected = TRY(expected_version(call.request));
  return write_changed(call, TRY(call.desk.withdraw(call.errand.mandate, call.id, expected)), false,
                       response);
}

Result<void> show_consent(const ConsentCall& call, net::HttpResponse& response) {
  return write_consent(TRY(visible_consent(call)), response);
}

Result<void> list_versions(const ConsentCall& call, net::HttpResponse& response) {
  TRY(visible_consent(call));
  return write_bundle(call, "history", TRY(call.desk.versions(call.tenant(), call.id)), response);
}

Result<void> search_consents(const ConsentCall& call, net::HttpResponse& response) {
  const auto parameters = net::read_query_string(call.request.query);
  if (!parameters) return invalid("the query cannot be read");
  TRY_VOID(check_parameters(*parameters, {"patient", "status", "before", "_format"}));
  std::string name = value_of(*parameters, "patient");
  if (name.starts_with(kOfPatient)) name.erase(0, kOfPatient.size());
  if (name.empty()) return invalid("say whose, as `?patient=`");
  const std::string status = value_of(*parameters, "status");
  if (!status.empty() && !access::is_consent_status(status)) {
    return invalid("`status` is no state of a consent");
  }
  const Thing patient = TRY(patient_for(call, Deed::kReadConsents, name));
  const auto found = TRY(call.desk.of(call.tenant(), patient.id, status,
                                      value_of(*parameters, "before"), kMostListed));
  return write_bundle(call, "searchset", found, response);
}

}  // namespace wardlock::consent_api
