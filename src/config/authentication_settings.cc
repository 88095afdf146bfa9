#include "config/authentication_settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <filesystem>
#include <utility>

#include "authn/certificate/card_owner.h"
#include "authn/password/password_verifier.h"
#include "config/setting.h"

namespace wardlock::config {
namespace {

using codec::Json;
using std::chrono::duration_cast;
using std::chrono::seconds;

constexpr std::string_view kLocalhost = "localhost";
constexpr std::int64_t kKib = 1024;

const Json* find(const Json& section, std::string_view name) {
  return section.get_object().if_contains(name);
}

std::string text_of(const Json& section, std::string_view name) {
  const Json* value = find(section, name);
  return value == nullptr ? std::string() : std::string(value->get_string());
}

std::vector<std::string> texts_of(const Json& section, std::string_view name) {
  std::vector<std::string> out;
  for (const Json& item : section.at(name).get_array()) out.emplace_back(item.get_string());
  return out;
}

seconds duration_of(const Json& section, std::string_view name) {
  return duration_cast<seconds>(*parse_duration(std::string(section.at(name).get_string())));
}

template <typename Number>
Number number_of(const Json& section, std::string_view name) {
  return static_cast<Number>(section.at(name).get_int64());
}

/// The host of a URL without its port.
std::string host_of(std::string_view url) {
  const std::size_t scheme = url.find("://");
  if (scheme != std::string_view::npos) url.remove_prefix(scheme + 3);
  if (url.starts_with('[')) return std::string(url.substr(0, url.find(']') + 1));
  return std::string(url.substr(0, url.find(':')));
}

/// Browsers take a passkey on pages of its domain and of those below it (WebAuthn Level 3, 5.1.3).
bool is_of_domain(std::string_view origin, std::string_view domain) {
  const std::string host = host_of(origin);
  return host == domain || (host.ends_with(domain) && host[host.size() - domain.size() - 1] == '.');
}

unsigned length_of(std::string_view network) {
  const std::size_t slash = network.find('/');
  unsigned length = 128;
  if (slash != std::string_view::npos) {
    std::from_chars(network.data() + slash + 1, network.data() + network.size(), length);
  }
  return length;
}

/// Reads one section.
class Reader {
 public:
  Reader(const Json& section, const AuthenticationPlace& place,
         const std::function<void(std::string_view, std::string)>& refuse)
      : section_(section), place_(place), refuse_(refuse) {}

  Authentication read() {
    add_party(section_.at("relying_party"));
    add_password(section_.at("password"));
    const Json& attestation = section_.at("attestation");
    out_.attestation_anchors = text_of(attestation, "anchors");
    out_.demands_attestation = attestation.at("required").get_bool();
    if (out_.demands_attestation && out_.attestation_anchors.empty()) {
      refuse_("/attestation/required", "`required` needs `anchors`, which say whose keys are good");
    }
    for (const auto& [name, each] : section_.at("environments").get_object()) {
      add_environment(std::string(name), each);
    }
    out_.otherwise = text_of(section_, "otherwise");
    if (authn::find_environment(out_.sessions, out_.otherwise) == nullptr) {
      refuse_("/otherwise", fmt::format("there is no environment `{}`", out_.otherwise));
    }
    add_sessions(section_.at("sessions"));
    const Json& alone = section_.at("without_database");
    out_.cache.without_database = duration_of(alone, "for");
    out_.cache.remembered = duration_of(alone, "remember");
    const Json& hashing = section_.at("hashing");
    out_.hashing_threads = number_of<unsigned>(hashing, "threads");
    out_.hashing_waiting = number_of<std::size_t>(hashing, "most_waiting");
    add_egress(section_.at("egress"));
    if (const Json* cards = find(section_, "cards")) add_cards(*cards);
    for (const auto& [name, each] : section_.at("software_issuers").get_object()) {
      add_software_issuer(std::string(name), each);
    }
    if (const auto checked = authn::check(out_.sessions); !checked) {
      refuse_("/environments", checked.error().message);
    }
    return std::move(out_);
  }

 private:
  void add_party(const Json& party) {
    out_.party_name = text_of(party, "name");
    out_.party.id = text_of(party, "id");
    if (out_.party.id.empty()) {
      out_.party.id =
          place_.public_url.empty() ? std::string(kLocalhost) : host_of(place_.public_url);
    }
    out_.party.origins = texts_of(party, "origins");
    if (out_.party.origins.empty() && !place_.public_url.empty()) {
      out_.party.origins.emplace_back(place_.public_url);
    }
    if (out_.party.origins.empty()) {
      for (const net::Listener& each : place_.listeners) {
        out_.party.origins.push_back(
            fmt::format("{}://{}:{}", each.tls ? "https" : "http", kLocalhost, each.port));
      }
    }
    for (const std::string& origin : out_.party.origins) {
      if (is_of_domain(origin, out_.party.id)) continue;
      refuse_("/relying_party",
              fmt::format("browsers take passkeys of `{}` on no page of `{}`: set `id` to the "
                          "host of `origins`, or to a domain above it",
                          out_.party.id, origin));
    }
  }

  void add_password(const Json& password) {
    out_.passwords.min_length_alone = number_of<std::uint32_t>(password, "min_length");
    out_.passwords.min_length_with_second_factor =
        number_of<std::uint32_t>(password, "min_length_with_second_factor");
    out_.words = texts_of(password, "words");
    for (const std::string& path : texts_of(password, "block_lists")) {
      out_.block_lists.push_back(path_of(path));
    }
    out_.cost.passes = number_of<std::uint32_t>(password, "passes");
    const std::int64_t bytes = *parse_size(std::string(password.at("memory").get_string()));
    out_.cost.memory_kib = static_cast<std::uint32_t>(bytes / kKib);
    if (const auto cost = authn::checked_cost(out_.cost); !cost) {
      refuse_("/password", cost.error().message);
    }
  }

  void add_environment(const std::string& name, const Json& section) {
    auto& all = out_.sessions.environments;
    auto found = std::ranges::find(all, name, &authn::SessionEnvironment::name);
    if (found == all.end()) {
      if (find(section, "idle") == nullptr || find(section, "overall") == nullptr) {
        return refuse_(fmt::format("/environments/{}", name),
                       "a new environment says both `idle` and `overall`");
      }
      all.push_back({.name = name, .limits = {}, .locks = false});
      found = all.end() - 1;
    }
    if (find(section, "idle") != nullptr) found->limits.idle = duration_of(section, "idle");
    if (find(section, "overall") != nullptr)
      found->limits.overall = duration_of(section, "overall");
    if (const Json* locks = find(section, "locks")) found->locks = locks->get_bool();
    for (const std::string& text : texts_of(section, "networks")) {
      const auto range = authn::NetworkRange::parse(text);
      if (!range) {
        refuse_(fmt::format("/environments/{}/networks", name), range.error().message);
        continue;
      }
      const auto is_same = [&](const EnvironmentNetwork& each) { return each.range == *range; };
      if (std::ranges::any_of(out_.networks, is_same)) {
        refuse_(fmt::format("/environments/{}/networks", name),
                fmt::format("`{}` is in two environments", text));
      }
      out_.networks.push_back({.environment = name, .range = *range, .length = length_of(text)});
    }
  }

  void add_software_issuer(const std::string& name, const Json& section) {
    SoftwareIssuerFile issuer{.issuer = text_of(section, "issuer"),
                              .keys = text_of(section, "keys")};
    if (std::ranges::find(out_.software_issuers, issuer.issuer, &SoftwareIssuerFile::issuer) !=
        out_.software_issuers.end()) {
      refuse_(fmt::format("/software_issuers/{}", name),
              fmt::format("`{}` is there twice; put all its keys in one file", issuer.issuer));
    }
    out_.software_issuers.push_back(std::move(issuer));
  }

  void add_sessions(const Json& sessions) {
    out_.sessions.most_of_a_person = number_of<std::size_t>(sessions, "most_of_a_person");
    out_.sessions.too_many = text_of(sessions, "too_many") == "refuse" ? authn::TooMany::kRefuse
                                                                       : authn::TooMany::kEndOldest;
    out_.sessions.unlock_within = duration_of(sessions, "unlock_within");
  }

  void add_egress(const Json& egress) {
    out_.egress.origins = texts_of(egress, "origins");
    out_.egress.tls.ca = text_of(egress, "ca");
    out_.egress.timeout = duration_of(egress, "timeout");
    for (const std::string& text : texts_of(egress, "networks")) {
      const auto network = net::IpNetwork::parse(text);
      if (network) {
        out_.egress.networks.push_back(*network);
      } else {
        refuse_("/egress/networks", fmt::format("`{}` is no network", text));
      }
    }
    if (const auto made = net::Egress::create(out_.egress); !made) {
      refuse_("/egress/origins", made.error().message);
    }
  }

  std::string path_of(const std::string& path) const {
    return (std::filesystem::path(place_.folder) / path).lexically_normal();
  }

  void add_cards(const Json& section) {
    Cards cards{.anchors = text_of(section, "anchors"),
                .intermediates = text_of(section, "intermediates"),
                .attribute = text_of(section, "attribute"),
                .url = text_of(section, "url")};
    cards.rules.name = *authn::find_certificate_name(text_of(section, "name"));
    cards.rules.realm = text_of(section, "realm");
    cards.rules.usages = texts_of(section, "usages");
    cards.rules.card_policies = texts_of(section, "policies");
    if (cards.attribute.empty()) cards.attribute = authn::usual_attribute(cards.rules.name);
    cards.revocation = {.asks_ocsp = section.at("ocsp").get_bool(),
                        .fetches_crls = section.at("fetch_crls").get_bool(),
                        .ocsp_url = text_of(section, "ocsp_url"),
                        .is_nonce_required = section.at("ocsp_nonce").get_bool(),
                        .grace = duration_of(section, "grace")};
    for (const std::string& path : texts_of(section, "crl_files")) {
      cards.revocation.crl_files.push_back(path_of(path));
    }
    check_cards(cards);
    out_.cards = std::move(cards);
  }

  void check_cards(const Cards& cards) {
    const auto is_asking = [](const net::Listener& each) {
      return each.tls && !each.tls->client_ca.empty();
    };
    if (std::ranges::none_of(place_.listeners, is_asking)) {
      refuse_("/cards", "no listener asks for client certificates: give one `tls.client_ca`");
    }
    if (!cards.url.empty() && host_of(cards.url) != host_of(place_.public_url)) {
      refuse_("/cards/url", "`url` must be of the host of `public_url`, whose cookies it takes");
    }
    const authn::RevocationSettings& where = cards.revocation;
    if (where.crl_files.empty() && !where.asks_ocsp && !where.fetches_crls) {
      refuse_("/cards",
              "nothing says whether a card was revoked: name `crl_files`, or set `ocsp` or "
              "`fetch_crls`");
    }
    if ((where.asks_ocsp || where.fetches_crls) && out_.egress.origins.empty()) {
      refuse_("/cards", "nobody may be asked about cards: `egress.origins` names none");
    }
    const bool has_realm = cards.rules.name == authn::CertificateName::kPrincipal ||
                           cards.rules.name == authn::CertificateName::kEmail;
    if (!cards.rules.realm.empty() && !has_realm) {
      refuse_("/cards/realm", "only `upn` and `email` have a realm");
    }
  }

  const Json& section_;
  const AuthenticationPlace& place_;
  const std::function<void(std::string_view, std::string)>& refuse_;
  Authentication out_;
};

}  // namespace

std::string_view Authentication::environment_of(std::string_view address) const {
  const EnvironmentNetwork* best = nullptr;
  for (const EnvironmentNetwork& each : networks) {
    if (!each.range.contains(address)) continue;
    if (best == nullptr || each.length > best->length) best = &each;
  }
  return best == nullptr ? std::string_view(otherwise) : std::string_view(best->environment);
}

Authentication authentication_of(const Json& section, const AuthenticationPlace& place,
                                 const std::function<void(std::string_view, std::string)>& refuse) {
  return Reader(section, place, refuse).read();
}

}  // namespace wardlock::config
