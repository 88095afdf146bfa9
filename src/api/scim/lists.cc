#include "api/scim/lists.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/monotonic_resource.hpp>
#include <charconv>

#include "api/scim/renderer.h"
#include "api/scim/search_filter.h"

namespace wardlock::scim {
namespace {

using administration::Deed;
using administration::Errand;
using boost::json::array;
using boost::json::object;

constexpr std::string_view kListSchema = "urn:ietf:params:scim:api:messages:2.0:ListResponse";

/// What is wrong with a question, once its paths were read, is wrong with its filter.
Refusal in_filter(const Error& error) {
  Refusal refusal(error);
  if (error.code == ErrorCode::kInvalidArgument) {
    refusal.type = to_string(ErrorType::kInvalidFilter);
  }
  return refusal;
}

Answered<directory::Query> query_of(const Errand& errand, const ResourceType& type,
                                    const SearchRequest& request, bool is_of_several) {
  directory::Query query{.is_descending = request.is_descending, .count = request.count};
  if (request.filter) {
    query.filter = TRY(to_search_filter(errand, type, *request.filter, is_of_several));
  }
  if (!request.sort_by) return query;
  const auto path = searched_path(type, *request.sort_by);
  if (!path) {
    return refused(400, to_string(ErrorType::kInvalidValue),
                   fmt::format("{} cannot be sorted by `{}`", type.schema->plural,
                               to_string(*request.sort_by)));
  }
  query.sort_by = *path;
  return query;
}

Answered<std::uint64_t> total_of(const Errand& errand, const ResourceType& type,
                                 directory::Query query) {
  query.count = 0;
  query.skip = 0;
  query.cursor.clear();
  query.wants_total = true;
  const auto page = errand.registry.list(errand.mandate.tenant, type.kind, query);
  if (!page) return std::unexpected(in_filter(page.error()));
  return page->total.value_or(0);
}

Answered<directory::Page> page_of(const Errand& errand, const ResourceType& type,
                                  const directory::Query& query,
                                  boost::json::memory_resource* memory) {
  if (query.count == 0) return directory::Page{};
  auto page = errand.registry.list(errand.mandate.tenant, type.kind, query, memory);
  if (!page) return std::unexpected(in_filter(page.error()));
  return *std::move(page);
}

Answered<void> add(const Errand& errand, const ResourceType& type, const SearchRequest& request,
                   std::span<directory::Thing> things, array& resources) {
  Renderer renderer(errand, type, request.projection, resources.storage());
  TRY_VOID(renderer.check_sensitive());
  TRY_VOID(renderer.load(things));
  resources.reserve(resources.size() + things.size());
  for (directory::Thing& thing : things) {
    resources.emplace_back(renderer.render(thing));
  }
  return {};
}

object response(std::uint64_t total, array resources) {
  const boost::json::storage_ptr memory = resources.storage();
  return object({{"schemas", {kListSchema}},
                 {"totalResults", total},
                 {"itemsPerPage", resources.size()},
                 {"Resources", std::move(resources)}},
                memory);
}

std::unexpected<Refusal> bad_cursor() {
  return refused(400, "invalidCursor", "the cursor is none of this list's; begin anew without it");
}

/// Cursors are checked by who made them.
Answered<directory::Page> page_at(const Errand& errand, const ResourceType& type,
                                  const directory::Query& query,
                                  boost::json::memory_resource* memory) {
  auto page = page_of(errand, type, query, memory);
  const bool is_about_cursor = !page && !query.cursor.empty() && page.error().status == 400;
  if (is_about_cursor) return bad_cursor();
  return page;
}

/// A place in the list of all types: `2-CURSOR`, which type, and where in its list.
struct Place {
  std::size_t type = 0;
  std::string cursor = {};
};

Answered<Place> place_of(std::string_view text) {
  Place place;
  if (text.empty()) return place;
  const std::size_t dash = std::min(text.find('-'), text.size());
  const auto [end, error] = std::from_chars(text.data(), text.data() + dash, place.type);
  if (error != std::errc() || end != text.data() + dash || dash == text.size() ||
      place.type >= directory::kKinds) {
    return bad_cursor();
  }
  place.cursor = text.substr(dash + 1);
  return place;
}

/// Gathers a page from the lists of several types.
class Gathering {
 public:
  /// What it gathers takes its memory from `memory`.
  Gathering(const Errand& errand, const SearchRequest& request, boost::json::storage_ptr memory)
      : errand_(errand), request_(request), left_(request.count), resources_(std::move(memory)) {}

  Answered<object> gather() {
    if (request_.cursor) place_ = TRY(place_of(*request_.cursor));
    skip_ = request_.start_index - 1;
    for (std::size_t i = 0; i < directory::kKinds; ++i) {
      TRY_VOID(take(i, resource_type(static_cast<directory::Kind>(i))));
    }
    if (!may_read_some_) return std::unexpected(*refusal_);
    object out = response(total_, std::move(resources_));
    if (!request_.cursor) out["startIndex"] = request_.start_index;
    if (request_.cursor && next_) out["nextCursor"] = *next_;
    return out;
  }

 private:
  Answered<void> take(std::size_t index, const ResourceType& type) {
    const auto allowed = errand_.gate.check(Deed::kRead, type.kind);
    if (!allowed) {
      if (allowed.error().code != ErrorCode::kPermissionDenied) {
        return std::unexpected(Refusal(allowed.error()));
      }
      if (!refusal_) refusal_.emplace(allowed.error());
      return {};
    }
    may_read_some_ = true;
    const directory::Query query = TRY(query_of(errand_, type, request_, true));
    if (is_impossible(query.filter)) return {};
    const std::uint64_t total = TRY(total_of(errand_, type, query));
    total_ += total;
    return take_page(index, type, query, total);
  }

  static bool is_impossible(const directory::Filter& filter) {
    using enum directory::Filter::Connective;
    if (filter.connective == kAny && filter.parts.empty()) return true;
    if (filter.connective != kAll) return false;
    return std::ranges::any_of(filter.parts, [](const auto& part) {
      const auto* inner = std::get_if<directory::Filter>(&part);
      return inner != nullptr && is_impossible(*inner);
    });
  }

  Answered<void> take_page(std::size_t index, const ResourceType& type, directory::Query query,
                           std::uint64_t total) {
    if (index < place_.type) return {};
    if (left_ == 0) {
      if (request_.count != 0 && total != 0 && !next_) next_ = fmt::format("{}-", index);
      return {};
    }
    if (index == place_.type) query.cursor = place_.cursor;
    if (!request_.cursor && skip_ >= total) {
      skip_ -= total;
      return {};
    }
    query.skip = request_.cursor ? 0 : skip_;
    skip_ = 0;
    query.count = left_;
    directory::Page page = TRY(page_at(errand_, type, query, resources_.storage().get()));
    TRY_VOID(add(errand_, type, request_, page.things, resources_));
    left_ -= page.things.size();
    if (!page.next.empty()) next_ = fmt::format("{}-{}", index, page.next);
    return {};
  }

  const Errand& errand_;
  const SearchRequest& request_;
  Place place_;
  std::uint64_t skip_ = 0;
  std::size_t left_;
  std::uint64_t total_ = 0;
  array resources_;
  std::optional<std::string> next_;
  bool may_read_some_ = false;
  std::optional<Refusal> refusal_;
};

}  // namespace

Answered<std::string> list_of_type(const Errand& errand, const ResourceType& type,
                                   const SearchRequest& request) {
  TRY_VOID(errand.gate.check(Deed::kRead, type.kind));
  directory::Query query = TRY(query_of(errand, type, request, false));
  if (request.cursor) {
    query.cursor = *request.cursor;
  } else {
    query.skip = request.start_index - 1;
  }
  boost::json::monotonic_resource memory;  // of the page: it is made and dropped as one
  directory::Page page = TRY(page_at(errand, type, query, &memory));
  // Counting takes as long as the page: not where the page says it.
  const bool is_all = query.cursor.empty() && page.next.empty() && !page.things.empty();
  const std::uint64_t total =
      is_all ? query.skip + page.things.size() : TRY(total_of(errand, type, query));
  array resources(&memory);
  TRY_VOID(add(errand, type, request, page.things, resources));
  object out = response(total, std::move(resources));
  if (!request.cursor) out["startIndex"] = request.start_index;
  if (request.cursor && !page.next.empty()) out["nextCursor"] = page.next;
  return codec::to_json_text(out);
}

Answered<std::string> list_of_all(const Errand& errand, const SearchRequest& request) {
  if (request.sort_by) {
    return refused(400, to_string(ErrorType::kInvalidValue),
                   "resources of several types have no order; sort those of one type");
  }
  boost::json::monotonic_resource memory;
  return codec::to_json_text(TRY(Gathering(errand, request, &memory).gather()));
}

codec::Json list_of(array resources) {
  const std::size_t count = resources.size();
  object out = response(count, std::move(resources));
  out["startIndex"] = 1;
  return out;
}

}  // namespace wardlock::scim
