#include "api/authzen/searches.h"

#include <algorithm>
#include <boost/json/value.hpp>
#include <cstdint>
#include <string>

#include "api/authzen/page_token.h"
#include "api/authzen/weight.h"
#include "search/search.h"

namespace wardlock::authzen {
namespace {

using boost::json::object;
using codec::JsonWriter;
using Json = boost::json::value;

constexpr std::size_t kMostResults = 1000;
/// A thread answers nobody else meanwhile.
constexpr std::size_t kMostDecisions = 5000;

search::Sought sought_of(Gap gap) {
  if (gap == Gap::kSubject) return search::Sought::kPrincipal;
  return gap == Gap::kAction ? search::Sought::kAction : search::Sought::kResource;
}

Result<std::size_t> read_limit(const object& page) {
  const Json* limit = find_member(page, "limit");
  if (limit == nullptr) return kMostResults;
  const bool is_count = limit->is_uint64() || (limit->is_int64() && limit->get_int64() >= 0);
  if (!is_count) return invalid("`page.limit` must be a whole number, 0 or more");
  if (limit->is_uint64()) return kMostResults;  // larger than any int64
  return std::min(static_cast<std::size_t>(limit->get_int64()), kMostResults);
}

/// Without a page, or with an empty token, from the beginning.
Result<search::Portion> read_page(const object& request, std::string_view search,
                                  const Surroundings& surroundings) {
  search::Portion portion{.max_found = kMostResults, .observer = surroundings.observer};
  portion.max_decisions =
      std::clamp<std::size_t>(kMostWeight / (weigh_shared(request) + 1), 1, kMostDecisions);
  const Json* page = find_member(request, "page");
  if (page == nullptr) return portion;
  if (!page->is_object()) return invalid("`page` must be an object");
  portion.max_found = TRY(read_limit(page->get_object()));
  const Json* token = find_member(page->get_object(), "token");
  if (token == nullptr) return portion;
  if (!token->is_string()) return invalid("`page.token` must be a string");
  const std::string_view text = token->get_string();
  if (!text.empty()) portion.after = TRY(open_rest(text, search, surroundings.page_key)).after;
  return portion;
}

void write_member(const codec::JsonKey& key, std::string_view text, JsonWriter& json) {
  json.key(key);
  json.string(text);
}

void write_results(Gap gap, const Evaluation& evaluation, const search::Found& found,
                   JsonWriter& json) {
  const auto& sought =
      gap == Gap::kSubject ? evaluation.access.principal : evaluation.access.resource;
  json.key("results");
  json.begin_array();
  for (const std::string& id : found.ids) {
    json.begin_object();
    if (gap == Gap::kAction) {
      write_member("name", id, json);
    } else {
      write_member("type", sought.type, json);
      write_member("id", id, json);
    }
    json.end_object();
  }
  json.end_array();
}

void write_page(const search::Found& found, std::string_view search,
                const Surroundings& surroundings, JsonWriter& json) {
  json.key("page");
  json.begin_object();
  write_member("next_token",
               found.rest ? seal_rest(*found.rest, search, surroundings.page_key) : "", json);
  json.key("count");
  json.integer(static_cast<std::int64_t>(found.ids.size()));
  // Pages may come from different snapshots; this shows it.
  json.key("properties");
  json.begin_object();
  json.key("revision");
  json.integer(static_cast<std::int64_t>(surroundings.snapshot.revision));
  json.end_object();
  json.end_object();
}

}  // namespace

Result<void> answer_search(Gap gap, const object& request, Evaluation& evaluation,
                           const Surroundings& surroundings, JsonWriter& json) {
  TRY_VOID(pdp::tell_refusal(read_question(request, request, evaluation.access, gap),
                             evaluation.access, surroundings.observer));
  if (gap == Gap::kSubject && evaluation.access.verified != nullptr) {
    return invalid("a search for subjects is about many: it takes no token of one");
  }
  const std::string search = identify_search(request, gap, surroundings);
  const search::Portion portion = TRY(read_page(request, search, surroundings));
  const search::Found found =
      TRY(pdp::tell_refusal(search::search(surroundings.snapshot,
                                           {sought_of(gap), evaluation.access, surroundings.canary},
                                           portion, surroundings.now),
                            evaluation.access, surroundings.observer));
  if (surroundings.observer != nullptr) {
    TRY_VOID(surroundings.observer->searched(evaluation.access, found.decisions, found.ids.size()));
  }
  json.begin_object();
  write_results(gap, evaluation, found, json);
  if (found.rest || find_member(request, "page") != nullptr) {
    write_page(found, search, surroundings, json);
  }
  json.end_object();
  return {};
}

}  // namespace wardlock::authzen
