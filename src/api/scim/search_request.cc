#include "api/scim/search_request.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>

#include "api/scim/members.h"
#include "base/utf8.h"
#include "directory/registry/query.h"
#include "net/query_string.h"

namespace wardlock::scim {
namespace {

using codec::Json;

constexpr std::string_view kSearchSchema = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";

/// By their names, as RFC 7644 writes them.
using Parameters = std::map<std::string, std::string, std::less<>>;

std::unexpected<Refusal> bad_value(std::string detail) {
  return refused(400, to_string(ErrorType::kInvalidValue), std::move(detail));
}

constexpr std::string_view kNames[] = {"attributes", "excludedAttributes", "filter", "sortBy",
                                       "sortOrder",  "startIndex",         "count",  "cursor"};

const std::string_view* find_name(std::string_view name) {
  const auto* const found =
      std::ranges::find_if(kNames, [&](std::string_view one) { return is_same_name(one, name); });
  return found == std::end(kNames) ? nullptr : found;
}

std::string_view value_of(const Parameters& parameters, std::string_view name) {
  const auto found = parameters.find(name);
  return found == parameters.end() ? std::string_view() : std::string_view(found->second);
}

Answered<Parameters> parameters_of(std::string_view query) {
  Parameters parameters;
  const auto terms = net::read_query_string(query);
  if (!terms) return refused(400, to_string(ErrorType::kInvalidSyntax), terms.error().message);
  for (const net::QueryParameter& term : *terms) {
    const std::string_view* name = find_name(term.name);
    if (name == nullptr) continue;
    if (!parameters.emplace(*name, term.value).second) {
      return bad_value(fmt::format("`{}` is given twice", *name));
    }
  }
  return parameters;
}

/// Lists of attributes are arrays in a body.
Answered<std::string> text_of(std::string_view name, const Json& value) {
  if (value.is_string()) return std::string(value.as_string());
  if (value.is_int64()) return fmt::format("{}", value.as_int64());
  std::string list;
  bool is_list = value.is_array();
  if (is_list) {
    for (const Json& each : value.as_array()) {
      is_list = is_list && each.is_string() && !std::string_view(each.as_string()).contains(',');
      if (!is_list) break;
      if (!list.empty()) list += ',';
      list += std::string_view(each.as_string());
    }
  }
  if (is_list) return list;
  return bad_value(fmt::format("`{}` has a value that it cannot have", name));
}

Answered<std::int64_t> integer_of(std::string_view name, std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc() && end == text.data() + text.size()) return number;
  return bad_value(fmt::format("`{}` is `{}`, which is no integer", name, printable(text)));
}

Answered<Projection> projection_of(const Parameters& parameters) {
  return TRY(Projection::parse(value_of(parameters, "attributes"),
                               value_of(parameters, "excludedAttributes")));
}

Answered<void> read_order(const Parameters& parameters, SearchRequest& request) {
  const std::string_view sort_by = value_of(parameters, "sortBy");
  if (!sort_by.empty()) {
    auto path = parse_attribute_path(sort_by);
    if (!path) return bad_value("`sortBy`: " + path.error().message);
    request.sort_by = *std::move(path);
  }
  const std::string_view order = value_of(parameters, "sortOrder");
  request.is_descending = is_same_name(order, "descending");
  if (order.empty() || request.is_descending || is_same_name(order, "ascending")) return {};
  return bad_value("`sortOrder` is `ascending` or `descending`");
}

Answered<void> read_page(const Parameters& parameters, SearchRequest& request) {
  const bool is_by_cursor = parameters.contains("cursor");
  if (is_by_cursor) {
    request.cursor = parameters.at("cursor");
    if (parameters.contains("startIndex")) {
      return bad_value("a page begins at a `cursor` or at a `startIndex`, not at both");
    }
  }
  if (parameters.contains("startIndex")) {
    // Less than 1 is 1 (RFC 7644, 3.4.2.4).
    const std::int64_t start = TRY(integer_of("startIndex", parameters.at("startIndex")));
    request.start_index = static_cast<std::uint64_t>(std::max<std::int64_t>(start, 1));
  }
  if (!parameters.contains("count")) return {};
  const std::int64_t count = TRY(integer_of("count", parameters.at("count")));
  const auto most = static_cast<std::int64_t>(directory::kMaxPageSize);
  if (is_by_cursor && (count < 1 || count > most)) {  // RFC 9865, 2.1
    return refused(400, "invalidCount", fmt::format("`count` is from 1 to {}", most));
  }
  // Less than 0 is 0; more than there is on a page is a page.
  request.count = static_cast<std::size_t>(std::clamp<std::int64_t>(count, 0, most));
  return {};
}

Answered<SearchRequest> read(const Parameters& parameters) {
  SearchRequest request;
  request.projection = TRY(projection_of(parameters));
  const std::string_view filter = value_of(parameters, "filter");
  if (!filter.empty()) request.filter = TRY(parse_filter(filter));
  TRY_VOID(read_order(parameters, request));
  TRY_VOID(read_page(parameters, request));
  return request;
}

}  // namespace

Answered<SearchRequest> read_search_query(std::string_view query) {
  return read(TRY(parameters_of(query)));
}

Answered<Projection> read_projection(std::string_view query) {
  return projection_of(TRY(parameters_of(query)));
}

Answered<SearchRequest> read_search_body(const Json& body) {
  const Json* schemas = body.is_object() ? find_member(body.as_object(), "schemas") : nullptr;
  const bool is_search = schemas != nullptr && schemas->is_array() &&
                         std::ranges::any_of(schemas->as_array(), [](const Json& each) {
                           return each.is_string() && is_same_name(each.as_string(), kSearchSchema);
                         });
  if (!is_search) {
    return refused(400, to_string(ErrorType::kInvalidSyntax),
                   fmt::format("this is no search: `schemas` has to hold `{}`", kSearchSchema));
  }
  Parameters parameters;
  for (const auto& member : body.as_object()) {
    const std::string_view* name = find_name(member.key());
    if (name == nullptr || member.value().is_null()) continue;
    parameters[std::string(*name)] = TRY(text_of(*name, member.value()));
  }
  return read(parameters);
}

}  // namespace wardlock::scim
