#include "api/admin/openapi_told.h"

#include <string_view>
#include <utility>

#include "codec/json.h"
#include "directory/told/told_desk.h"

namespace wardlock::admin {
namespace {

using boost::json::array;
using boost::json::object;

object typed(std::string_view type, std::string_view about) {
  return {{"type", type}, {"description", about}};
}

object time(std::string_view about) {
  return {{"type", "string"}, {"format", "date-time"}, {"description", about}};
}

object closed(object properties, array required) {
  return {{"type", "object"},
          {"required", std::move(required)},
          {"properties", std::move(properties)},
          {"additionalProperties", false}};
}

object list_of(object items, std::string_view about) {
  return {{"type", "array"}, {"items", std::move(items)}, {"description", about}};
}

object any_value() {
  return {{"description",
           "As the policies' schema has it; things by their ids, times as RFC 3339 has them"}};
}

object told_value() {
  return closed({{"thing", typed("string", "The id of the thing that it is told of")},
                 {"identifier", closed({{"type", typed("string", "Such as `userName`")},
                                        {"value", typed("string", "Its value")}},
                                       {"type", "value"})},
                 {"attribute", typed("string", "As the policies' schema has it")},
                 {"value", any_value()},
                 {"observedAt", time("When it was so; its age counts from there; absent: now")}},
                {"attribute", "value"});
}

object source() {
  return closed(
      {{"source", typed("string", "Who tells it")},
       {"type", typed("string", "Of entities in policies")},
       {"attribute", typed("string", "Of these")},
       {"fresh", typed("string", "How old it may be, such as `15m`")},
       {"stale", typed("string", "What holds when it is older: `deny`, `last-known`, `emergency`")},
       {"lastKnown", typed("string", "How old the last known value may be then")},
       {"told", typed("integer", "Of so many things it was told")},
       {"toldFresh", typed("integer", "Of these, lately enough")},
       {"latestAt", time("When the latest was observed")}},
      {"source", "type", "attribute", "fresh", "stale", "told", "toldFresh"});
}

object told() {
  return closed(
      {{"attribute", typed("string", "As the policies' schema has it")},
       {"source", typed("string", "Who told it")},
       {"value", any_value()},
       {"observedAt", time("When it was so")},
       {"toldAt", time("When it came")},
       {"standing", typed("string",
                          "`fresh`, `last-known`, `emergency`, `deny` (too old), `forgotten`, or "
                          "`unseen`: policies ask for no such thing")}},
      {"attribute", "source", "value", "observedAt", "toldAt", "standing"});
}

}  // namespace

void add_told_schemas(object& out) {
  object values = list_of(told_value(), "What is told, all of one source");
  values["minItems"] = 1;
  values["maxItems"] = directory::kMostToldAtOnce;
  out["ToldValues"] =
      closed({{"values", std::move(values)}, {"reason", typed("string", "Why, for the record")}},
             {"values"});
  out["ToldOutcome"] = closed(
      {{"kept", typed("integer", "So many")},
       {"outdated", list_of({{"type", "integer"}},
                            "Places in the list of those that were observed before what is known")},
       {"refused", list_of(closed({{"index", typed("integer", "Its place in the list")},
                                   {"detail", typed("string", "Why")}},
                                  {"index", "detail"}),
                           "What the source may not tell, or what is no such value")}},
      {"kept", "outdated", "refused"});
  out["Sources"] = closed({{"items", list_of(source(), "In the order of the schema")}}, {"items"});
  out["Told"] = closed({{"id", typed("string", "Of the thing")},
                        {"items", list_of(told(), "In the order of the attributes' names")}},
                       {"id", "items"});
}

}  // namespace wardlock::admin
