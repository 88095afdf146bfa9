#include "config/attribute_source_settings.h"

#include <fmt/format.h>

#include <cstddef>
#include <utility>

#include "config/setting.h"
#include "directory/fetch/element_path.h"
#include "net/egress.h"
#include "net/ip_network.h"

namespace wardlock::config {
namespace {

using codec::Json;
using directory::AnswerForm;
using directory::ElementPath;
using directory::FetchSource;
using directory::Reading;
using Refuse = std::function<void(std::string_view, std::string)>;

std::string text_of(const Json& section, std::string_view name) {
  const Json* const value = section.get_object().if_contains(name);
  return value == nullptr ? std::string() : std::string(value->get_string());
}

class ReadingReader {
 public:
  ReadingReader(const Json& section, std::string place, const Refuse& refuse)
      : section_(section), place_(std::move(place)), refuse_(refuse) {}

  Reading read() {
    Reading reading{.resource = text_of(section_, "resource"),
                    .each = path("each"),
                    .where = conditions(),
                    .period = path("period"),
                    .thing = path("thing"),
                    .identifier_type = text_of(section_, "identifier"),
                    .type = text_of(section_, "type"),
                    .system = text_of(section_, "system"),
                    .attribute = text_of(section_, "attribute"),
                    .value = path("value"),
                    .constant = constant(),
                    .value_identifier_type = text_of(section_, "value_identifier"),
                    .value_type = text_of(section_, "value_type"),
                    .value_system = text_of(section_, "value_system"),
                    .gathers = section_.at("set").get_bool(),
                    .observed = path("observed")};
    if (reading.value.empty() == !section_.get_object().contains("constant")) {
      refuse_(place_, "say either which `value` it has, or which `constant`");
    }
    return reading;
  }

 private:
  ElementPath parsed(std::string_view name, std::string_view text) {
    auto path = ElementPath::parse(text);
    if (path) return *std::move(path);
    refuse_(fmt::format("{}/{}", place_, name), path.error().message);
    return {};
  }

  ElementPath path(std::string_view name) {
    return section_.get_object().contains(name) ? parsed(name, text_of(section_, name))
                                                : ElementPath();
  }

  std::vector<directory::ReadingCondition> conditions() {
    std::vector<directory::ReadingCondition> conditions;
    for (const auto& [path, is] : section_.at("where").get_object()) {
      conditions.push_back({.path = parsed("where", path), .is = std::string(is.get_string())});
    }
    return conditions;
  }

  Json constant() {
    if (!section_.get_object().contains("constant")) return {};
    auto json = codec::parse_json(text_of(section_, "constant"));
    if (json) return *std::move(json);
    refuse_(fmt::format("{}/constant", place_), "write it as JSON: `'true'`, `'7'`, `'\"night\"'`");
    return {};
  }

  const Json& section_;
  std::string place_;
  const Refuse& refuse_;
};

/// What the source is asked at must be one place, of `https:`.
void add_egress(const Json& section, const Refuse& refuse, FetchSource& source) {
  source.egress.tls = {.ca = text_of(section, "ca"),
                       .certificate = text_of(section, "certificate"),
                       .key = text_of(section, "key")};
  source.egress.timeout = *parse_duration(std::string(section.at("timeout").get_string()));
  const auto url = net::EgressUrl::parse(directory::url_at(source, 0));
  if (!url) {
    refuse("/url", url.error().message);
  } else if (url->origin.starts_with("http:")) {
    refuse("/url", "what decisions rest on comes over `https:` alone");
  } else {
    source.egress.origins = {url->origin};
  }
  for (const Json& each : section.at("networks").get_array()) {
    const std::string text(each.get_string());
    if (const auto network = net::IpNetwork::parse(text)) {
      source.egress.networks.push_back(*network);
    } else {
      refuse("/networks", fmt::format("`{}` is no network", text));
    }
  }
  if (source.egress.tls.certificate.empty() != source.egress.tls.key.empty()) {
    refuse("", "`certificate` and `key` belong together");
  }
}

}  // namespace

FetchSource attribute_source_of(const std::string& name, const Json& section,
                                const Refuse& refuse) {
  const bool is_fhir = text_of(section, "form") == "fhir";
  const std::string of_schema = text_of(section, "source");
  FetchSource source{.name = name,
                     .source = of_schema.empty() ? name : of_schema,
                     .tenant = text_of(section, "tenant"),
                     .url = text_of(section, "url"),
                     .token_file = text_of(section, "token_file"),
                     .form = is_fhir ? AnswerForm::kFhir : AnswerForm::kValues,
                     .interval = *parse_duration(std::string(section.at("interval").get_string()))};
  add_egress(section, refuse, source);
  const auto& readings = section.at("readings").get_array();
  for (std::size_t i = 0; i < readings.size(); ++i) {
    source.readings.push_back(
        ReadingReader(readings[i], fmt::format("/readings/{}", i), refuse).read());
  }
  if (is_fhir == source.readings.empty()) {
    refuse("/readings", is_fhir ? "say which attributes its resources say"
                                : "readings are of FHIR: write `form: fhir`");
  }
  return source;
}

}  // namespace wardlock::config
