#include "api/admin/told_attributes.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "administration/told_items.h"
#include "api/admin/things.h"
#include "codec/json.h"
#include "directory/model/moment.h"
#include "directory/told/told_desk.h"

namespace wardlock::admin {
namespace {

using administration::Deed;
using boost::json::array;
using boost::json::object;
using directory::Kind;
using directory::Thing;
using directory::ToldAttribute;
using directory::ToldValue;

/// The fact of a service by which the directory says which source it is.
constexpr std::string_view kSourceFact = "source";

Answered<directory::ToldDesk*> desk_of(const Asked& asked) {
  if (asked.errand.told != nullptr && asked.errand.view != nullptr) return asked.errand.told;
  return refuse(0, ErrorCode::kUnavailable, "no policies see the directory here");
}

/// A text of the object; empty: it is not there, or no text.
std::string_view word_in(const codec::Json& object, std::string_view name) {
  const codec::Json* const text = object.get_object().if_contains(name);
  return text == nullptr || !text->is_string() ? std::string_view() : text->get_string();
}

/// Whether the directory says that whoever asks is the source.
Result<bool> is_source(const Asked& asked) {
  const Thing asker =
      TRY(asked.errand.registry.find(asked.tenant(), asked.errand.mandate.actor_id));
  const codec::Json* const facts = asker.document.json().if_contains("facts");
  if (facts == nullptr) return false;
  return std::ranges::any_of(facts->as_array(), [&](const codec::Json& fact) {
    return word_in(fact, "name") == kSourceFact && word_in(fact, "text") == asked.id;
  });
}

std::string age_text(std::int64_t ms) {
  if (ms % 3'600'000 == 0) return fmt::format("{}h", ms / 3'600'000);
  if (ms % 60'000 == 0) return fmt::format("{}m", ms / 60'000);
  if (ms % 1000 == 0) return fmt::format("{}s", ms / 1000);
  return fmt::format("{}ms", ms);
}

/// How old a value is to whoever decides: `fresh`, `last-known`, `emergency` or `forgotten`.
std::string_view standing_of(const ToldValue& told, const ToldAttribute& rule, std::int64_t now) {
  if (now < told.observed_ms + rule.fresh_ms) return "fresh";
  if (now < told.observed_ms + rule.last_known_ms) return to_string(rule.silence);
  return "forgotten";
}

/// The type that policies know the thing by; empty: they do not see it.
Result<std::string> type_of(const Asked& asked, const Thing& thing) {
  const directory::SeenThing seen = TRY(asked.errand.view->of(thing.id));
  if (seen.entity.empty()) return std::string();
  const codec::Json entity = TRY(codec::parse_json(seen.entity));
  return std::string(entity.at("uid").at("type").as_string());
}

}  // namespace

Answered<void> tell_attributes(const Asked& asked, net::HttpResponse& response) {
  directory::ToldDesk* const desk = TRY(desk_of(asked));
  const bool is_its = TRY(is_source(asked));
  TRY_VOID(asked.errand.gate.check_source(asked.id, is_its));
  const Body body = TRY(read_body(asked.request, {"values"}, false, kMuch));
  const codec::Json* const items = body.find("values");
  if (items == nullptr || !items->is_array() || items->get_array().empty()) {
    return invalid("`values` must be a list of what is told");
  }
  if (items->get_array().size() > directory::kMostToldAtOnce) {
    return invalid(fmt::format("at most {} values are told at once", directory::kMostToldAtOnce));
  }
  const administration::ToldPlace place{.registry = asked.errand.registry,
                                        .view = *asked.errand.view,
                                        .tenant = asked.tenant(),
                                        .source = asked.id,
                                        .observed_ms = asked.errand.now,
                                        .now_ms = asked.errand.now};
  administration::ToldItems told_items =
      TRY(administration::read_told_items(place, items->get_array()));
  array outdated;
  std::size_t kept = 0;
  if (!told_items.values.empty()) {
    const directory::Told told =
        TRY(desk->tell(asked.errand.mandate, asked.id, std::move(told_items.values)));
    for (std::size_t i = 0; i < told.are_kept.size(); ++i) {
      if (told.are_kept[i]) {
        ++kept;
      } else {
        outdated.emplace_back(told_items.places[i]);
      }
    }
    if (told.revision > 0) {
      response.headers.add(administration::kRevisionHeader, std::to_string(told.revision));
    }
  }
  write_json(object{{"kept", kept},
                    {"outdated", std::move(outdated)},
                    {"refused", std::move(told_items.refused)}},
             response);
  return {};
}

Answered<void> list_sources(const Asked& asked, net::HttpResponse& response) {
  const directory::ToldDesk* const desk = TRY(desk_of(asked));
  TRY_VOID(asked.errand.gate.check(Deed::kRead, Kind::kService));
  array items;
  for (const ToldAttribute& each : TRY(asked.errand.view->told_attributes())) {
    const directory::ToldCount count =
        TRY(desk->count(asked.tenant(), each.source, each.name, asked.errand.now - each.fresh_ms));
    object item{{"source", each.source},
                {"type", each.type},
                {"attribute", each.name},
                {"fresh", age_text(each.fresh_ms)},
                {"stale", to_string(each.silence)},
                {"told", count.things},
                {"toldFresh", count.fresh}};
    if (each.silence != pdp::Silence::kDeny) item["lastKnown"] = age_text(each.last_known_ms);
    if (count.latest_ms > 0) item["latestAt"] = directory::to_time_text(count.latest_ms);
    items.push_back(std::move(item));
  }
  write_json(object{{"items", std::move(items)}}, response);
  return {};
}

Answered<void> read_told(const Asked& asked, net::HttpResponse& response) {
  const directory::ToldDesk* const desk = TRY(desk_of(asked));
  const Thing thing = TRY(named_thing(asked));
  TRY_VOID(asked.errand.gate.check(Deed::kRead, thing));
  TRY_VOID(asked.errand.gate.check(Deed::kReadSensitive, thing));  // where somebody is, say
  const std::string type = TRY(type_of(asked, thing));
  const std::vector<ToldAttribute> rules = TRY(asked.errand.view->told_attributes());
  array items;
  for (const ToldValue& told : TRY(desk->told_of(asked.tenant(), thing.id))) {
    object item{{"attribute", told.attribute},
                {"source", told.source},
                {"value", TRY(codec::parse_json(told.value))},
                {"observedAt", directory::to_time_text(told.observed_ms)},
                {"toldAt", directory::to_time_text(told.told_ms)}};
    const auto rule = std::ranges::find_if(rules, [&](const ToldAttribute& each) {
      return each.type == type && each.name == told.attribute && each.source == told.source;
    });
    item["standing"] = rule == rules.end() ? "unseen" : standing_of(told, *rule, asked.errand.now);
    items.push_back(std::move(item));
  }
  write_json(object{{"id", thing.id}, {"items", std::move(items)}}, response);
  return {};
}

}  // namespace wardlock::admin
