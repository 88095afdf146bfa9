#include "directory/fetch/bundle_reader.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "directory/model/fhir_time.h"
#include "directory/model/moment.h"

namespace wardlock::directory {
namespace {

using boost::json::object;
using codec::Json;

/// So far ahead may the clock of a server be.
constexpr std::int64_t kMostAheadMs = 60'000;

std::string_view text_in(const Json& json, std::string_view name) {
  const object* const members = json.if_object();
  const Json* const text = members == nullptr ? nullptr : members->if_contains(name);
  return text == nullptr || !text->is_string() ? std::string_view() : text->get_string();
}

const Json* member(const Json& json, std::string_view name) {
  const object* const members = json.if_object();
  return members == nullptr ? nullptr : members->if_contains(name);
}

bool is_of(const Json& json, std::string_view system) {
  return system.empty() || text_in(json, "system") == system;
}

/// `7` of `Patient/7`, also at the end of a URL and before a version. Empty: it has none.
std::string_view id_of(std::string_view reference) {
  if (reference.starts_with('#') || reference.starts_with("urn:")) return {};
  const std::size_t history = reference.find("/_history/");
  reference = reference.substr(0, history);
  const std::size_t slash = reference.rfind('/');
  return slash == std::string_view::npos ? std::string_view() : reference.substr(slash + 1);
}

/// By what a Reference, an Identifier, a Coding, a CodeableConcept or a text names something.
/// Empty: by nothing, or by nothing of that system.
std::string_view name_of(const Json& json, std::string_view system) {
  if (json.is_string()) return system.empty() ? json.get_string() : std::string_view();
  if (const Json* const codings = member(json, "coding"); codings && codings->is_array()) {
    for (const Json& each : codings->get_array()) {
      if (is_of(each, system)) return text_in(each, "code");
    }
    return {};
  }
  if (const Json* const identifier = member(json, "identifier"); identifier != nullptr) {
    if (is_of(*identifier, system)) return text_in(*identifier, "value");
  }
  if (const std::string_view code = text_in(json, "code"); !code.empty()) {
    return is_of(json, system) ? code : std::string_view();
  }
  if (const std::string_view value = text_in(json, "value"); !value.empty()) {
    return is_of(json, system) ? value : std::string_view();
  }
  return system.empty() ? id_of(text_in(json, "reference")) : std::string_view();
}

/// The first of them that names something.
std::string name_among(const std::vector<const Json*>& found, std::string_view system) {
  for (const Json* each : found) {
    if (const std::string_view name = name_of(*each, system); !name.empty()) {
      return std::string(name);
    }
  }
  return {};
}

/// Whether the moment is within a Period; what of it cannot be read is against that.
bool is_within(const Json& period, std::int64_t moment) {
  if (!period.is_object()) return false;
  const auto bound = [&](std::string_view name) -> std::optional<FhirTime> {
    return parse_fhir_time(text_in(period, name));
  };
  if (member(period, "start") != nullptr) {
    const auto start = bound("start");
    if (!start || moment < start->first) return false;
  }
  if (member(period, "end") != nullptr) {
    const auto end = bound("end");
    if (!end || moment >= end->end) return false;
  }
  return true;
}

/// The value as policies are to have it; nothing: the element has none.
std::optional<Json> value_in(const Json& element, const Json& resource, const Reading& reading) {
  if (reading.value.empty()) return reading.constant;
  const std::vector<const Json*> found = reading.value.find(element, resource);
  if (reading.value_identifier_type.empty() && reading.value_system.empty()) {
    for (const Json* each : found) {
      if (each->is_bool() || each->is_number() || each->is_string()) return *each;
    }
  }
  const std::string name = name_among(found, reading.value_system);
  if (name.empty()) return std::nullopt;
  return Json(name);
}

/// Whether each condition is so.
bool is_meant(const Json& element, const Json& resource, const Reading& reading) {
  return std::ranges::all_of(reading.where, [&](const ReadingCondition& condition) {
    return std::ranges::any_of(condition.path.find(element, resource), [&](const Json* found) {
      if (found->is_bool()) return condition.is == (found->get_bool() ? "true" : "false");
      return name_of(*found, {}) == condition.is;
    });
  });
}

/// As an item names it beside `thing` or `value`.
object identifier(std::string_view type, const Json& name) {
  return object{{"type", type}, {"value", name}};
}

}  // namespace

Result<std::string> BundleReader::add(const Json& bundle) {
  if (text_in(bundle, "resourceType") != "Bundle" || text_in(bundle, "type") != "searchset") {
    return fail(ErrorCode::kInvalidArgument,
                "the answer is no Bundle of type `searchset` (FHIR R4)");
  }
  if (const Json* const entries = member(bundle, "entry"); entries && entries->is_array()) {
    for (const Json& entry : entries->get_array()) {
      const Json* const resource = member(entry, "resource");
      if (resource == nullptr) continue;
      for (const Reading& reading : readings_) read(*resource, reading);
    }
  }
  if (const Json* const links = member(bundle, "link"); links && links->is_array()) {
    for (const Json& link : links->get_array()) {
      if (text_in(link, "relation") == "next") return std::string(text_in(link, "url"));
    }
  }
  return std::string();
}

void BundleReader::read(const Json& resource, const Reading& reading) {
  if (text_in(resource, "resourceType") != reading.resource) return;
  if (reading.each.empty()) return read_element(resource, resource, reading);
  for (const Json* element : reading.each.find(resource, resource)) {
    read_element(*element, resource, reading);
  }
}

void BundleReader::read_element(const Json& element, const Json& resource, const Reading& reading) {
  if (!is_meant(element, resource, reading)) return;
  const auto periods = reading.period.find(element, resource);
  const bool is_over = !periods.empty() && std::ranges::none_of(periods, [&](const Json* each) {
    return is_within(*each, asked_ms_);
  });
  if (is_over) return;
  const std::string thing = name_among(reading.thing.find(element, resource), reading.system);
  std::optional<Json> value = value_in(element, resource, reading);
  std::int64_t observed = asked_ms_;
  if (!reading.observed.empty()) {
    const auto time = parse_fhir_time(reading.observed.find_text(element, resource));
    const bool is_known = time && time->first <= asked_ms_ + kMostAheadMs;
    if (!is_known) value.reset();  // nobody says how old it is
    if (is_known) observed = std::min(time->first, asked_ms_);
  }
  if (thing.empty() || !value) {
    ++unread_;
    return;
  }
  say(reading, thing, *std::move(value), observed);
}

void BundleReader::say(const Reading& reading, const std::string& thing, Json value,
                       std::int64_t observed_ms) {
  Said& said = said_[Key(reading.attribute, reading.identifier_type, thing)];
  if (said.reading == nullptr) {
    said = {.values = {std::move(value)}, .reading = &reading, .observed_ms = observed_ms};
    return;
  }
  const bool is_known = std::ranges::find(said.values, value) != said.values.end();
  if (reading.gathers && said.reading->gathers) {
    said.observed_ms = std::min(said.observed_ms, observed_ms);
    if (!is_known) said.values.push_back(std::move(value));
    return;
  }
  if (observed_ms == said.observed_ms) {
    said.is_contradicted = said.is_contradicted || !is_known;
  } else if (observed_ms > said.observed_ms) {
    said = {.values = {std::move(value)}, .reading = &reading, .observed_ms = observed_ms};
  }
}

FetchedValues BundleReader::take() {
  FetchedValues fetched{.items = {}, .contradictions = 0, .unread = unread_};
  for (auto& [key, said] : said_) {
    if (said.is_contradicted) {
      ++fetched.contradictions;
      continue;
    }
    const auto& [attribute, type, name] = key;
    object item{{"identifier", identifier(type, Json(name))}, {"attribute", attribute}};
    const std::string& value_type = said.reading->value_identifier_type;
    boost::json::array values;
    for (Json& each : said.values) {
      values.emplace_back(value_type.empty() ? std::move(each) : identifier(value_type, each));
    }
    const std::string_view place = value_type.empty() ? "value" : "valueIdentifier";
    item[place] = said.reading->gathers ? Json(std::move(values)) : std::move(values.front());
    item["observedAt"] = to_time_text(said.observed_ms);
    fetched.items.emplace_back(std::move(item));
  }
  said_.clear();
  return fetched;
}

}  // namespace wardlock::directory
