#include "config/config.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <utility>

#include "codec/json.h"
#include "config/attribute_source_settings.h"
#include "config/directory_settings.h"
#include "config/forwarder_settings.h"
#include "config/listen_address.h"
#include "config/managed_policies.h"
#include "config/reader.h"
#include "config/setting.h"
#include "directory/registry/journal.h"

namespace wardlock::config {
namespace {

using codec::Json;

// The reader has checked that what is read here is there and of its kind.

const Json* find(const Json& section, std::string_view name) {
  return section.get_object().if_contains(name);
}

std::string text_of(const Json& section, std::string_view name) {
  const Json* value = find(section, name);
  return value == nullptr ? std::string() : std::string(value->get_string());
}

std::vector<std::string> texts_of(const Json& section, std::string_view name) {
  std::vector<std::string> out;
  const Json* value = find(section, name);
  if (value == nullptr) return out;
  for (const Json& item : value->get_array()) out.emplace_back(item.get_string());
  return out;
}

template <typename Number>
Number number_of(const Json& section, std::string_view name) {
  return static_cast<Number>(section.at(name).get_int64());
}

std::chrono::milliseconds duration_of(const Json& section, std::string_view name) {
  return *parse_duration(section.at(name).get_string());
}

std::size_t size_of(const Json& section, std::string_view name) {
  return static_cast<std::size_t>(*parse_size(section.at(name).get_string()));
}

authn::Quota quota_of(const Json& section) {
  return {.rate = number_of<std::uint32_t>(section, "rate"),
          .burst = number_of<std::uint32_t>(section, "burst")};
}

pdp::Names names_of(const Json& section, std::string_view name) {
  std::vector<std::string> names = texts_of(section, name);
  if (std::ranges::find(names, "*") != names.end()) return pdp::Names::all();
  return pdp::Names(std::move(names));
}

authn::CallerEntry caller_of(const Json& section, std::optional<std::size_t> tenant) {
  const std::vector<std::string> rights = texts_of(section, "rights");
  const auto has = [&](std::string_view right) {
    return std::ranges::find(rights, right) != rights.end();
  };
  authn::CallerEntry entry{
      .caller = {.id = text_of(section, "id"),
                 .may_explain = has("explain"),
                 .may_attest = has("attest"),
                 .may_override = has("override"),
                 .may_search = has("search"),
                 .must_show_token = section.at("requires_subject_token").get_bool()},
      .tenant = tenant,
      .may_read_metrics = has("metrics"),
      .may_read_audit = has("audit"),
      .audit = {.may_disclose = has("disclose"),
                .may_erase = has("erase"),
                .may_hold = has("hold")},
      .tokens = texts_of(section, "tokens"),
      .certificates = texts_of(section, "certificates"),
      .clients = texts_of(section, "clients")};
  if (const Json* scope = find(section, "scope")) {
    entry.caller.scope = {.types = names_of(*scope, "types"),
                          .actions = names_of(*scope, "actions"),
                          .attributes = names_of(*scope, "attributes")};
  }
  if (const Json* quota = find(section, "quota")) entry.quota = quota_of(*quota);
  return entry;
}

net::TlsFiles tls_of(const Json& section) {
  return {.certificate = text_of(section, "certificate"),
          .key = text_of(section, "key"),
          .client_ca = text_of(section, "client_ca"),
          .is_client_certificate_required = section.at("require_client_certificate").get_bool(),
          .allows_tls12 = text_of(section, "min_version") == "1.2"};
}

constexpr std::string_view kSqlite = "sqlite:";

/// Of a URL, between its `//` and `@`, or among its parameters.
bool has_password(std::string_view url) {
  if (url.starts_with(kSqlite)) return false;
  const std::size_t query = url.find('?');
  const std::string_view address = url.substr(0, query);
  const std::size_t at = address.rfind('@');
  const std::size_t user = address.find("//");
  if (at != std::string_view::npos && address.substr(user + 2, at - user - 2).contains(':')) {
    return true;
  }
  return query != std::string_view::npos && url.substr(query).contains("password=");
}

OnFailure on_failure_of(std::string_view word) {
  if (word == "spool") return OnFailure::kSpool;
  return word == "proceed" ? OnFailure::kProceed : OnFailure::kDeny;
}

void read_retention(const Json& section, Audit& audit) {
  constexpr int kUsualYears = 6;
  for (const auto& [name, text] : section.get_object()) {
    int years = 0;
    const std::string_view digits = text.get_string();
    std::from_chars(digits.data(), digits.data() + digits.size(), years);
    audit.retention_years_otherwise = kUsualYears;
    audit.retention_years.emplace(name, years);
  }
  if (const auto said = audit.retention_years.extract("otherwise")) {
    audit.retention_years_otherwise = said.mapped();
  }
}

Audit audit_of(const Json& section) {
  const Json& spool = section.at("spool");
  Audit audit{.directory = text_of(section, "directory"),
              .keys = text_of(section, "keys"),
              .origin = text_of(section, "origin"),
              .node = text_of(section, "node"),
              .unawaited = texts_of(section, "unawaited"),
              .spool_directory = text_of(spool, "directory"),
              .spool_bytes = size_of(spool, "size"),
              .is_immutable = section.at("immutable").get_bool(),
              .segment_bytes = size_of(section, "segment"),
              .commit_delay = duration_of(section, "commit_delay"),
              .checkpoint_interval = duration_of(section, "checkpoint_interval"),
              .witness_interval = duration_of(section, "witness_interval")};
  for (const auto& [name, word] : section.at("on_failure").get_object()) {
    const OnFailure on_failure = on_failure_of(word.get_string());
    if (name == "otherwise") {
      audit.on_failure_otherwise = on_failure;
    } else {
      audit.on_failure.emplace(name, on_failure);
    }
  }
  read_retention(section.at("retention"), audit);
  return audit;
}

/// Turns the document into a Config, and finds what no single setting can be wrong about.
class Builder {
 public:
  Builder(const Document& document, const std::string& folder)
      : document_(document), folder_(folder) {}

  Parsed<Config> build() {
    const Json& json = document_.json;
    add_listeners(json.at("listeners"));
    config_.public_url = text_of(json, "public_url");
    config_.allowed_hosts = texts_of(json, "allowed_hosts");
    add_tenants(json);
    add_limits(json.at("limits"));
    add_timeouts(json.at("timeouts"));
    config_.reload = {.interval = duration_of(json.at("reload"), "interval"),
                      .max_staleness = duration_of(json.at("reload"), "max_staleness")};
    add_log(json.at("log"));
    if (const Json* audit = find(json, "audit")) add_audit(*audit);
    if (const Json* directory = find(json, "directory")) add_directory(*directory);
    if (const Json* section = find(json, "authentication")) add_authentication(*section);
    if (const Json* section = find(json, "messages")) add_messages(*section);
    config_.administration_policies = text_of(json.at("administration"), "policies");
    config_.administration_quota = quota_of(json.at("administration").at("quota"));
    config_.server.threads = number_of<unsigned>(json, "threads");
    check_callers();
    if (!diagnostics_.empty()) return std::unexpected(std::move(diagnostics_));
    config_.document = json;
    return std::move(config_);
  }

 private:
  void refuse(std::string_view pointer, std::string message) {
    diagnostics_.push_back({Severity::kError, std::move(message), document_.place_of(pointer), ""});
  }

  void add_listeners(const Json& listeners) {
    if (listeners.get_array().empty()) refuse("/listeners", "there must be a listener");
    for (std::size_t i = 0; i < listeners.get_array().size(); ++i) {
      const Json& section = listeners.at(i);
      const std::string place = fmt::format("/listeners/{}", i);
      const Json* tls = find(section, "tls");
      auto address = parse_listen_address(text_of(section, "address"), tls != nullptr);
      if (!address) {
        refuse(place + "/address", address.error().message);
        continue;
      }
      net::Listener listener{.address = address->address, .port = address->port};
      if (tls != nullptr) listener.tls = tls_of(*tls);
      if (listener.tls && listener.tls->is_client_certificate_required &&
          listener.tls->client_ca.empty()) {
        refuse(place + "/tls/require_client_certificate",
               "`require_client_certificate` needs `client_ca`, which says whose are good");
      }
      config_.server.listeners.push_back(std::move(listener));
    }
  }

  void add_tenants(const Json& json) {
    const Json* tenants = find(json, "tenants");
    if (tenants == nullptr) {
      add_tenant("", json, "");
      return;
    }
    for (const char* name : {"schema", "entities", "types", "principal_types"}) {
      if (document_.places.contains(fmt::format("/{}", name))) {
        refuse(fmt::format("/{}", name),
               fmt::format("`{}` belongs into each of `tenants`, where there are any", name));
      }
    }
    add_callers(json, "", std::nullopt);
    if (tenants->get_object().empty()) refuse("/tenants", "there must be a tenant");
    for (const auto& [name, section] : tenants->get_object()) {
      add_tenant(std::string(name), section, fmt::format("/tenants/{}", std::string_view(name)));
    }
  }

  void add_tenant(const std::string& name, const Json& section, const std::string& place) {
    std::vector<pdp::TypeMapping::Renaming> renamings;
    for (const auto& [type, cedar_type] : section.at("types").get_object()) {
      renamings.push_back({std::string(type), std::string(cedar_type.get_string())});
    }
    std::optional<std::vector<std::string>> principals;
    if (find(section, "principal_types") != nullptr) {
      principals = texts_of(section, "principal_types");
    }
    auto types = pdp::TypeMapping::create(renamings, principals);
    if (!types) refuse(place + "/types", types.error().message);
    add_callers(section, place, config_.tenants.size());
    Tenant tenant{.name = name,
                  .policies = {},
                  .schema = text_of(section, "schema"),
                  .entities = text_of(section, "entities"),
                  .types = types ? *std::move(types) : pdp::TypeMapping()};
    add_policies(section, place, tenant);
    config_.tenants.push_back(std::move(tenant));
  }

  void add_policies(const Json& section, const std::string& place, Tenant& tenant) {
    const Json& policies = section.at("policies");
    if (policies.is_string()) {
      tenant.policies = text_of(section, "policies");
      return;
    }
    const std::string own = place + "/policies/managed";
    tenant.managed = managed_policies_of(
        policies.at("managed"), [&](std::string_view setting, std::string message) {
          refuse(fmt::format("{}{}", own, setting), std::move(message));
        });
    tenant.policies = tenant.managed->initial;
    if (!tenant.schema.empty()) {
      refuse(place + "/schema",
             "policies that are kept in the database have their schema with them");
    }
    if (find(document_.json, "directory") == nullptr) {
      refuse(own, "policies are kept in the database of a `directory`, and there is none");
    }
  }

  void add_callers(const Json& section, const std::string& place,
                   std::optional<std::size_t> tenant) {
    const auto& callers = section.at("callers").get_array();
    for (std::size_t i = 0; i < callers.size(); ++i) {
      const std::string own = fmt::format("{}/callers/{}", place, i);
      config_.callers.push_back(caller_of(callers[i], tenant));
      caller_places_.push_back(own);
      if (!tenant && find(callers[i], "scope") != nullptr) {
        refuse(own + "/scope", "a caller of no tenant asks nothing; move it into its tenant");
      }
    }
  }

  void add_limits(const Json& section) {
    config_.server.limits = {.max_header_bytes = size_of(section, "header"),
                             .max_body_bytes = size_of(section, "body")};
    config_.server.max_connections = number_of<std::size_t>(section, "connections");
    config_.server.max_peer_connections =
        number_of<std::size_t>(section, "connections_per_address");
    config_.max_batch = number_of<std::uint32_t>(section, "batch");
    config_.decision_steps = number_of<std::uint64_t>(section, "decision_steps");
    config_.failed_authentications = quota_of(section.at("failed_authentications"));
  }

  void add_timeouts(const Json& section) {
    config_.server.handshake_timeout = duration_of(section, "handshake");
    config_.server.header_timeout = duration_of(section, "header");
    config_.server.body_timeout = duration_of(section, "body");
    config_.server.idle_timeout = duration_of(section, "idle");
    config_.server.write_timeout = duration_of(section, "write");
    config_.unready_time = duration_of(section, "unready");
    config_.server.drain_timeout = duration_of(section, "drain");
  }

  void add_log(const Json& section) {
    static constexpr std::array<std::pair<std::string_view, LogLevel>, 4> kLevels = {
        {{"debug", LogLevel::kDebug},
         {"info", LogLevel::kInfo},
         {"warning", LogLevel::kWarning},
         {"error", LogLevel::kError}}};
    config_.log.format = text_of(section, "format") == "json" ? LogFormat::kJson : LogFormat::kText;
    const std::string level = text_of(section, "level");
    for (const auto& [word, meaning] : kLevels) {
      if (word == level) config_.log.level = meaning;
    }
    config_.log.has_requests = section.at("requests").get_bool();
  }

  void add_witnesses(const Json& witnesses) {
    for (std::size_t i = 0; i < witnesses.get_array().size(); ++i) {
      const Json& section = witnesses.at(i);
      const std::string place = fmt::format("/audit/witnesses/{}", i);
      auto key = audit::parse_witness_key(text_of(section, "key"));
      if (!key) {
        refuse(place + "/key", key.error().message);
        continue;
      }
      audit::Witness witness{.name = text_of(section, "name"),
                             .url = text_of(section, "url"),
                             .key = *std::move(key),
                             .ca = text_of(section, "ca")};
      for (const audit::Witness& other : config_.audit->witnesses) {
        if (other.name == witness.name) {
          refuse(place + "/name", fmt::format("two witnesses are called `{}`", other.name));
        }
        if (other.key == witness.key) {
          refuse(place + "/key", fmt::format("it is the key of the witness `{}`", other.name));
        }
      }
      config_.audit->witnesses.push_back(std::move(witness));
    }
  }

  void add_audit(const Json& section) {
    config_.audit = audit_of(section);
    add_witnesses(section.at("witnesses"));
    for (const auto& [name, forwarder] : section.at("forward").get_object()) {
      const std::string place = fmt::format("/audit/forward/{}", std::string_view(name));
      config_.audit->forwarders.push_back(forwarder_of(
          std::string(name), forwarder,
          [&](std::string_view setting) {
            return document_.places.contains(fmt::format("{}/{}", place, setting));
          },
          [&](std::string_view setting, std::string message) {
            refuse(setting.empty() ? place : fmt::format("{}/{}", place, setting),
                   std::move(message));
          }));
    }
    check_files_differ(config_.audit->forwarders);
    trust(texts_of(section, "trusted_tenants"));
  }

  /// The file of an SQLite database is a path like the others.
  void add_directory(const Json& section) {
    std::string database = text_of(section, "database");
    if (has_password(database)) {
      refuse("/directory/database",
             "a password does not belong into the configuration; put it into a file that "
             "`passfile` names, or into the environment as PGPASSWORD");
    }
    for (const Tenant& tenant : config_.tenants) {
      if (tenant.name != directory::kOnlyTenant) continue;
      refuse("/tenants/main",
             "a directory calls the only tenant of a server `main`; call this one "
             "otherwise");
    }
    std::vector<secrets::KeySource> keys = keys_of(section.at("secret_keys"));
    if (database.starts_with(kSqlite)) {
      const std::string path =
          (std::filesystem::path(folder_) / database.substr(kSqlite.size())).lexically_normal();
      database = fmt::format("{}{}", kSqlite, path);
      if (keys.empty()) keys.emplace_back(secrets::KeyFile{path + ".key"});
    }
    config_.directory = Directory{.database = std::move(database),
                                  .keep_changes = duration_of(section, "keep_changes"),
                                  .take_over_after = duration_of(section, "take_over_after"),
                                  .known_by = known_by_of(section.at("known_by")),
                                  .secret_keys = std::move(keys)};
    for (const auto& [name, source] : section.at("ldap").get_object()) {
      add_ldap(std::string(name), source);
    }
    for (const auto& [name, source] : section.at("attribute_sources").get_object()) {
      add_attribute_source(std::string(name), source);
    }
    config_.directory->review = review_rules_of(section.at("review"), [&](std::string message) {
      refuse("/directory/review", std::move(message));
    });
    config_.directory->break_glass = glass_rules_of(
        section.at("break_glass"),
        [&](std::string message) { refuse("/directory/break_glass", std::move(message)); });
    config_.directory->role_requests = role_request_rules_of(
        section.at("role_requests"), access::kLongestRole,
        [&](std::string message) { refuse("/directory/role_requests", std::move(message)); });
    config_.directory->approvals = role_request_rules_of(
        section.at("approvals"), access::kLongestApproval,
        [&](std::string message) { refuse("/directory/approvals", std::move(message)); });
    for (const auto& [name, rule] : section.at("role_rules").get_object()) {
      add_role_rule(std::string(name), rule);
    }
    config_.directory->role_rules_interval = duration_of(section, "role_rules_interval");
  }

  void add_authentication(const Json& section) {
    config_.authentication =
        authentication_of(section,
                          {.public_url = config_.public_url,
                           .listeners = config_.server.listeners,
                           .folder = folder_},
                          [&](std::string_view pointer, std::string message) {
                            refuse(fmt::format("/authentication{}", pointer), std::move(message));
                          });
    for (const auto& [name, provider] : section.at("providers").get_object()) {
      add_provider(std::string(name), provider);
    }
    if (!config_.directory) {
      return refuse("/authentication", "people are kept in a `directory`, and there is none");
    }
    if (config_.directory->secret_keys.empty()) {
      refuse("/authentication",
             "what codes are made of is kept sealed: `directory.secret_keys` must name a key");
    }
  }

  void add_messages(const Json& section) {
    config_.messages = message_ways_of(section, [&](std::string_view pointer, std::string message) {
      refuse(fmt::format("/messages{}", pointer), std::move(message));
    });
    if (config_.authentication) return;
    refuse("/messages", "messages are about how people sign in: set up `authentication`");
  }

  void add_provider(const std::string& name, const Json& section) {
    const std::string place = fmt::format("/authentication/providers/{}", name);
    const Json* tenant = find(section, "tenant");
    std::string of = tenant == nullptr ? std::string() : std::string(tenant->get_string());
    find_tenant(of, place);
    config_.authentication->providers.push_back(
        foreign_provider_of(name, of, section,
                            {.public_url = config_.public_url,
                             .is_only_tenant = of.empty(),
                             .egress = config_.authentication->egress},
                            [&](std::string message) { refuse(place, std::move(message)); }));
  }

  void add_ldap(const std::string& name, const Json& section) {
    const std::string place = fmt::format("/directory/ldap/{}", name);
    directory::LdapSource source = ldap_source_of(
        name, section, [&](std::string message) { refuse(place, std::move(message)); });
    find_tenant(source.tenant, place);
    config_.directory->ldap.push_back(std::move(source));
  }

  void add_attribute_source(const std::string& name, const Json& section) {
    const std::string place = fmt::format("/directory/attribute_sources/{}", name);
    directory::FetchSource source =
        attribute_source_of(name, section, [&](std::string_view pointer, std::string message) {
          refuse(fmt::format("{}{}", place, pointer), std::move(message));
        });
    find_tenant(source.tenant, place);
    config_.directory->attribute_sources.push_back(std::move(source));
  }

  void add_role_rule(const std::string& name, const Json& section) {
    const std::string place = fmt::format("/directory/role_rules/{}", name);
    directory::RoleRule rule = role_rule_of(
        name, section, [&](std::string message) { refuse(place, std::move(message)); });
    find_tenant(rule.tenant, place);
    config_.directory->role_rules.push_back(std::move(rule));
  }

  /// The only one need not be named.
  void find_tenant(std::string& name, const std::string& place) {
    if (name.empty() && config_.tenants.size() == 1) {
      name = config_.tenants.front().name;
    } else if (std::ranges::find(config_.tenants, name, &Tenant::name) == config_.tenants.end()) {
      refuse(place, name.empty() ? "`tenant` is missing: there are several"
                                 : fmt::format("there is no tenant `{}`", name));
    }
  }

  directory::KnownBy known_by_of(const Json& section) {
    directory::KnownBy known_by;
    for (const auto& [kind, attribute] : section.get_object()) {
      const auto added = directory::add_known_by(known_by, kind, attribute.get_string());
      if (!added) refuse(fmt::format("/directory/known_by/{}", kind), added.error().message);
    }
    return known_by;
  }

  std::vector<secrets::KeySource> keys_of(const Json& sections) {
    std::vector<secrets::KeySource> keys;
    for (std::size_t i = 0; i < sections.get_array().size(); ++i) {
      keys.push_back(key_source_of(sections.at(i), [&](std::string message) {
        refuse(fmt::format("/directory/secret_keys/{}", i), std::move(message));
      }));
    }
    return keys;
  }

  void trust(std::vector<std::string> names) {
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (std::ranges::find(config_.tenants, names[i], &Tenant::name) != config_.tenants.end()) {
        continue;
      }
      refuse(fmt::format("/audit/trusted_tenants/{}", i),
             fmt::format("there is no tenant `{}`", names[i]));
    }
    if (config_.tenants.size() > 1) config_.audit->trusted_tenants = std::move(names);
  }

  void check_files_differ(const std::vector<audit::ForwarderOptions>& forwarders) {
    std::map<std::string_view, std::string_view> writers;
    for (const audit::ForwarderOptions& each : forwarders) {
      if (each.path.empty()) continue;
      const auto [writer, is_new] = writers.emplace(each.path, each.name);
      if (is_new) continue;
      refuse(fmt::format("/audit/forward/{}/path", each.name),
             fmt::format("`{}` writes that file already", writer->second));
    }
  }

  /// A caller at a time, so that each finding has its place.
  void check_callers() {
    for (std::size_t i = 0; i < config_.callers.size(); ++i) {
      const authn::CallerEntry& entry = config_.callers[i];
      if (entry.caller.must_show_token && !config_.authentication) {
        refuse(caller_places_[i] + "/requires_subject_token",
               "nobody has a token to show where nobody signs in: set up `authentication`");
      }
      if (!entry.clients.empty() && !config_.authentication) {
        refuse(caller_places_[i] + "/clients",
               "no client has a token where nobody gives any: set up `authentication`");
      }
      if (entry.quota && entry.quota->burst < config_.max_batch) {
        refuse(caller_places_[i] + "/quota/burst",
               fmt::format("a burst of {} can't hold a batch of {} (`limits.batch`)",
                           entry.quota->burst, config_.max_batch));
      }
      if (const auto alone = authn::CallerRegistry::build({entry}); !alone) {
        refuse(caller_places_[i], alone.error().message);
      }
    }
    if (!diagnostics_.empty() || authn::CallerRegistry::build(config_.callers)) return;
    std::vector<authn::CallerEntry> first;
    for (const authn::CallerEntry& entry : config_.callers) {
      first.push_back(entry);
      if (const auto built = authn::CallerRegistry::build(first); !built) {
        return refuse(caller_places_[first.size() - 1], built.error().message);
      }
    }
  }

  const Document& document_;
  const std::string& folder_;
  Config config_;
  std::vector<std::string> caller_places_;
  Diagnostics diagnostics_;
};

/// The document without what a running server takes over.
boost::json::object without_callers(const Config& config) {
  if (!config.document.is_object()) return {};
  boost::json::object out = config.document.get_object();
  out.erase("callers");
  if (Json* tenants = out.if_contains("tenants")) {
    for (auto& tenant : tenants->get_object()) tenant.value().get_object().erase("callers");
  }
  return out;
}

}  // namespace

std::vector<std::string> changes_beyond_callers(const Config& a, const Config& b) {
  const boost::json::object before = without_callers(a);
  const boost::json::object after = without_callers(b);
  std::vector<std::string> out;
  for (const Setting& setting : all_settings()) {
    const Json* old_value = before.if_contains(setting.name);
    const Json* new_value = after.if_contains(setting.name);
    const bool is_same = old_value != nullptr && new_value != nullptr ? *old_value == *new_value
                                                                      : old_value == new_value;
    if (!is_same) out.emplace_back(setting.name);
  }
  return out;
}

bool has_same_tenants(const Config& a, const Config& b) {
  return std::ranges::equal(a.tenants, b.tenants, {}, &Tenant::name, &Tenant::name);
}

Parsed<Config> parse_config(std::string_view text, const std::string& folder) {
  const Document document = TRY(read_document(text, folder));
  return Builder(document, folder).build();
}

}  // namespace wardlock::config
