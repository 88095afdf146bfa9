#include <fmt/format.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/admin_client.h"
#include "cli/consent_commands.h"
#include "cli/inputs.h"
#include "cli/thing_lookup.h"
#include "cli/thing_text.h"
#include "net/query_string.h"

// Consents at the command line: docs/consent.md.
namespace wardlock::cli {
namespace {

using boost::json::object;
using codec::Json;

constexpr std::string_view kConsents = "/fhir/Consent";

struct ConsentPutOptions {
  ServerOptions server;
  std::string file;
};

struct ConsentListOptions {
  ServerOptions server;
  std::string patient;
  std::string status;
};

struct ConsentOptions {
  ServerOptions server;
  std::string id;
};

std::string path_of(std::string_view id) {
  return fmt::format("{}/{}", kConsents, net::percent_encoded(id));
}

std::string version_of(const Json& consent) { return text_of(consent.at("meta"), "versionId"); }

std::string consent_text(const Json& consent) {
  const std::string id = text_of(consent, "id");
  return fmt::format("consent {} of {} is {}, version {}\nEnd it: wardlock consent revoke {}", id,
                     text_of(consent.at("patient"), "reference"), text_of(consent, "status"),
                     version_of(consent), id);
}

/// One with an `id` is another version of that one.
Result<Exit> put_consent(const ConsentPutOptions& options, const Output& output) {
  Json json = TRY(load_json(options.file));
  if (!json.is_object()) return invalid("the file must hold a FHIR Consent, a JSON object");
  const auto client = TRY(AdminClient::open(options.server));
  const bool is_there = json.get_object().contains("id");
  const std::string path = is_there ? path_of(text_of(json, "id")) : std::string(kConsents);
  const Json kept =
      TRY(client->change(is_there ? "PUT" : "POST", path, std::move(json.get_object()), {}));
  output.print(kept, consent_text(kept));
  return Exit::kOk;
}

Result<Exit> list_consents(const ConsentListOptions& options, const Output& output) {
  std::string path = fmt::format("{}?patient={}", kConsents, net::percent_encoded(options.patient));
  if (!options.status.empty()) path += "&status=" + net::percent_encoded(options.status);
  const auto client = TRY(AdminClient::open(options.server));
  const Json bundle = TRY(client->get(path));
  std::vector<std::vector<std::string>> rows = {{"consent", "status", "version", "since"}};
  if (const Json* const entries = bundle.as_object().if_contains("entry")) {
    for (const Json& each : entries->as_array()) {
      const Json& consent = each.at("resource");
      rows.push_back({text_of(consent, "id"), text_of(consent, "status"), version_of(consent),
                      text_of(consent.at("meta"), "lastUpdated")});
    }
  }
  if (!output.is_json() && rows.size() == 1) output.note("there is no consent");
  output.print(bundle, table_text(rows));
  return Exit::kOk;
}

Result<Exit> show_consent(const ConsentOptions& options, const Output& output) {
  const auto client = TRY(AdminClient::open(options.server));
  const Json consent = TRY(client->get(path_of(options.id)));
  output.print(consent, codec::to_json_text(consent));
  return Exit::kOk;
}

Result<Exit> revoke_consent(const ConsentOptions& options, const Output& output) {
  const auto client = TRY(AdminClient::open(options.server));
  const Json ended = TRY(client->change("DELETE", path_of(options.id), {}, {}));
  output.print(ended,
               fmt::format("consent {} is {} since {}", text_of(ended, "id"),
                           text_of(ended, "status"), text_of(ended.at("meta"), "lastUpdated")));
  return Exit::kOk;
}

}  // namespace

void add_consent(Commands& commands) {
  Commands group =
      commands.group("consent", "Enter what patients have agreed to and refused, and see it");
  auto [put, put_options] = group.add<ConsentPutOptions>(
      "put", "Enter a consent, or another version of one",
      "  wardlock consent put consent.json\nThe file holds a Consent of HL7 FHIR R4. One with an "
      "`id` is another version of the one with that id.",
      put_consent);
  put.option("file", put_options.file, "FILE", "the consent, as FHIR JSON", true);
  add_server_options(put, put_options.server);
  auto [list, list_options] = group.add<ConsentListOptions>(
      "list", "List a patient's consents, the latest first",
      "  wardlock consent list --patient MR-100 --status active", list_consents);
  list.option("--patient", list_options.patient, "NAME",
              "whose: record number, name in policies, id", true)
      .option("--status", list_options.status, "CODE",
              "those alone that are draft, proposed, active, rejected, inactive, entered-in-error");
  add_server_options(list, list_options.server);
  auto [show, show_options] = group.add<ConsentOptions>(
      "show", "Print a consent as FHIR JSON", "  wardlock consent show 0190e8a0-…", show_consent);
  show.option("consent", show_options.id, "ID", "which one; see `list`", true);
  add_server_options(show, show_options.server);
  auto [revoke, revoke_options] =
      group.add<ConsentOptions>("revoke", "Withdraw a consent at once",
                                "  wardlock consent revoke 0190e8a0-…", revoke_consent);
  revoke.option("consent", revoke_options.id, "ID", "which one; see `list`", true);
  add_server_options(revoke, revoke_options.server);
}

}  // namespace wardlock::cli
