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
constexpr std::size_t kMostElements = 1'000'000;
constexpr std::size_t kMostValues = 100'000;
/// Of one set.
constexpr std::size_t kMostMembers = 500;

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

/// By what something is named: of which system, and of References of which type.
struct NameForm {
  std::string_view type;
  std::string_view system;
};

/// `7` of `Patient/7`, also before a version. Empty: it is of another type, or on another server.
std::string_view id_of(std::string_view reference, std::string_view type) {
  reference = reference.substr(0, reference.find("/_history/"));
  const std::size_t slash = reference.find('/');
  if (type.empty() || slash == std::string_view::npos || reference.substr(0, slash) != type) {
    return {};
  }
  const std::string_view id = reference.substr(slash + 1);
  return id.contains('/') ? std::string_view() : id;
}

/// By what a Reference, an Identifier, a Coding, a CodeableConcept or a text names something.
/// Empty: by nothing, or by nothing of that form.
std::string_view name_of(const Json& json, const NameForm& form) {
  const std::string_view system = form.system;
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
  return system.empty() ? id_of(text_in(json, "reference"), form.type) : std::string_view();
}

/// The names that they give, each once.
std::vector<std::string_view> names_among(const std::vector<const Json*>& found,
                                          const NameForm& form) {
  std::vector<std::string_view> names;
  for (const Json* each : found) {
    const std::string_view name = name_of(*each, form);
    if (!name.empty() && std::ranges::find(names, name) == names.end()) names.push_back(name);
  }
  return names;
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

/// As an item names it beside `thing` or `value`.
object identifier(std::string_view type, std::string_view name) {
  return object{{"type", type}, {"value", name}};
}

/// The values as items have them; empty: the element has none.
std::vector<Json> values_in(const Json& element, const Json& resource, const Reading& reading) {
  if (reading.value.empty()) return {reading.constant};
  const std::vector<const Json*> found = reading.value.find(element, resource);
  std::vector<Json> values;
  if (reading.value_identifier_type.empty() && reading.value_system.empty()) {
    for (const Json* each : found) {
      if (each->is_bool() || each->is_number() || each->is_string()) values.push_back(*each);
    }
    if (!values.empty()) return values;
  }
  for (const std::string_view name :
       names_among(found, {reading.value_type, reading.value_system})) {
    if (reading.value_identifier_type.empty()) {
      values.emplace_back(name);
    } else {
      values.emplace_back(identifier(reading.value_identifier_type, name));
    }
  }
  return values;
}

/// Whether each condition is so.
bool is_meant(const Json& element, const Json& resource, const Reading& reading) {
  return std::ranges::all_of(reading.where, [&](const ReadingCondition& condition) {
    return std::ranges::any_of(condition.path.find(element, resource), [&](const Json* found) {
      if (found->is_bool()) return condition.is == (found->get_bool() ? "true" : "false");
      return name_of(*found, NameForm()) == condition.is;
    });
  });
}

/// Of what a search found itself, and did not add to it.
bool is_match(const Json& entry) {
  const Json* const search = member(entry, "search");
  const std::string_view mode = search == nullptr ? std::string_view() : text_in(*search, "mode");
  return mode.empty() || mode == "match";
}

std::unexpected<Error> too_much() {
  return fail(ErrorCode::kResourceExhausted, "it tells too much at once; ask for less");
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
      if (resource == nullptr || !is_match(entry)) continue;
      for (const Reading& reading : readings_) TRY_VOID(read(*resource, reading));
    }
  }
  if (const Json* const links = member(bundle, "link"); links && links->is_array()) {
    for (const Json& link : links->get_array()) {
      if (text_in(link, "relation") == "next") return std::string(text_in(link, "url"));
    }
  }
  return std::string();
}

Result<void> BundleReader::read(const Json& resource, const Reading& reading) {
  if (text_in(resource, "resourceType") != reading.resource) return {};
  if (reading.each.empty()) return read_element(resource, resource, reading);
  for (const Json* element : reading.each.find(resource, resource)) {
    TRY_VOID(read_element(*element, resource, reading));
  }
  return {};
}

Result<void> BundleReader::read_element(const Json& element, const Json& resource,
                                        const Reading& reading) {
  if (++elements_ > kMostElements) return too_much();
  if (!is_meant(element, resource, reading)) return {};
  const auto periods = reading.period.find(element, resource);
  const bool is_over = !periods.empty() && std::ranges::none_of(periods, [&](const Json* each) {
    return is_within(*each, asked_ms_);
  });
  if (is_over) return {};
  const auto things =
      names_among(reading.thing.find(element, resource), {reading.type, reading.system});
  std::vector<Json> values = values_in(element, resource, reading);
  std::int64_t observed = asked_ms_;
  if (!reading.observed.empty()) {
    const auto time = parse_fhir_time(reading.observed.find_text(element, resource));
    const bool is_known = time && time->first <= asked_ms_ + kMostAheadMs;
    if (!is_known) values.clear();  // nobody says how old it is
    if (is_known) observed = std::min(time->first, asked_ms_);
  }
  if (things.size() != 1 || values.empty()) {
    ++unread_;
    return {};
  }
  const std::string thing(things.front());
  for (Json& value : values) TRY_VOID(say(reading, thing, std::move(value), observed));
  return {};
}

Result<void> BundleReader::say(const Reading& reading, const std::string& thing, Json value,
                               std::int64_t observed_ms) {
  if (++values_ > kMostValues) return too_much();
  Said& said = said_[Key(reading.attribute, reading.identifier_type, thing)];
  const bool is_first = said.reading == nullptr;
  if (!is_first && reading.gathers && said.reading->gathers) {
    said.observed_ms = std::min(said.observed_ms, observed_ms);
    const bool is_known = std::ranges::find(said.values, value) != said.values.end();
    if (said.values.size() == kMostMembers) said.is_contradicted = true;  // nobody can take it
    if (!is_known && !said.is_contradicted) said.values.push_back(std::move(value));
    return {};
  }
  if (is_first || observed_ms > said.observed_ms) {
    said = {.values = {std::move(value)}, .reading = &reading, .observed_ms = observed_ms};
  } else if (observed_ms == said.observed_ms) {
    said.is_contradicted |= said.values.front() != value;
  }
  return {};
}

FetchedValues BundleReader::take() {
  FetchedValues fetched{.items = {}, .contradictions = 0, .unread = unread_};
  for (auto& [key, said] : said_) {
    if (said.is_contradicted) {
      ++fetched.contradictions;
      continue;
    }
    const auto& [attribute, type, name] = key;
    object item{{"identifier", identifier(type, name)}, {"attribute", attribute}};
    const bool are_things = !said.reading->value_identifier_type.empty();
    const std::string_view place = are_things ? "valueIdentifier" : "value";
    // In one order, however the server has them: the same set is told once.
    std::ranges::sort(said.values, {}, [](const Json& each) { return codec::to_json_text(each); });
    item[place] = said.reading->gathers
                      ? Json(boost::json::array(said.values.begin(), said.values.end()))
                      : std::move(said.values.front());
    item["observedAt"] = to_time_text(said.observed_ms);
    fetched.items.emplace_back(std::move(item));
  }
  said_.clear();
  return fetched;
}

}  // namespace wardlock::directory
