#include "api/admin/endpoints.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "api/admin/operations.h"
#include "base/suggestion.h"
#include "base/utf8.h"

namespace wardlock::admin {
namespace {

constexpr int kMethodNotAllowed = 405;

std::vector<std::string_view> steps_of(std::string_view path) {
  std::vector<std::string_view> steps;
  while (true) {
    const std::size_t end = path.find('/');
    steps.push_back(path.substr(0, end));
    if (end == std::string_view::npos) return steps;
    path.remove_prefix(end + 1);
  }
}

/// What the path of a request is to an operation.
struct Place {
  const directory::Schema* schema = nullptr;
  std::string_view id;
  std::string_view part;
};

std::optional<Place> match(const Operation& operation, std::span<const std::string_view> steps) {
  const auto wanted = steps_of(operation.path);
  if (wanted.size() != steps.size()) return std::nullopt;
  Place place;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    if (wanted[i] == "{collection}") {
      place.schema = directory::find_collection(steps[i]);
      if (place.schema == nullptr || !operation.kinds.contains(place.schema->kind)) return {};
    } else if (wanted[i] == "{id}" || wanted[i] == "{part}") {
      if (steps[i].empty()) return std::nullopt;
      (wanted[i] == "{id}" ? place.id : place.part) = steps[i];
    } else if (wanted[i] != steps[i]) {
      return std::nullopt;
    }
  }
  return place;
}

std::unexpected<Refusal> nothing_there(std::string_view path, std::string_view first) {
  std::vector<std::string> names;
  for (const auto* schema : directory::all_schemas()) names.emplace_back(schema->collection);
  for (const Operation& operation : all_operations()) {
    const std::string_view step = steps_of(operation.path).front();
    if (!step.starts_with('{')) names.emplace_back(step);
  }
  return refuse(404, ErrorCode::kNotFound,
                fmt::format("there is nothing at `{}{}`{}", kPrefix, printable(path),
                            suggestion(first, names)));
}

/// A parameter that nobody looks at would seem to count.
Answered<void> check_parameters(const Asked& asked) {
  std::set<std::string_view> seen;
  for (const net::QueryParameter& parameter : asked.parameters) {
    if (!asked.operation.knows(parameter.name)) {
      if (asked.operation.has_filters) continue;
      std::vector<std::string> names;
      for (const Parameter& each : asked.operation.parameters) names.emplace_back(each.name);
      if (asked.operation.is_change()) names.emplace_back(parameters_of_changes().front().name);
      return invalid(fmt::format("there is no parameter `{}` here{}", printable(parameter.name),
                                 suggestion(parameter.name, names)));
    }
    const auto known =
        std::ranges::find(asked.operation.parameters, parameter.name, &Parameter::name);
    const bool is_described = known != asked.operation.parameters.end();
    if (!seen.insert(parameter.name).second && !(is_described && known->may_repeat)) {
      return invalid(fmt::format("`{}` is given twice", parameter.name));
    }
    // Whoever means all leaves it out.
    if (is_described && known->choices != nullptr && parameter.value.empty()) {
      return invalid(fmt::format("`{}` is empty; there are {}", parameter.name,
                                 fmt::join(known->choices(), ", ")));
    }
  }
  return {};
}

Answered<void> answer_with(const Operation& operation, const Place& place,
                           const net::HttpRequest& request, const administration::Errand& errand,
                           net::HttpResponse& response) {
  Asked asked{.request = request,
              .errand = errand,
              .operation = operation,
              .schema = place.schema,
              .id = place.id,
              .part = place.part,
              .parameters = TRY(net::read_query_string(request.query))};
  TRY_VOID(check_parameters(asked));
  return operation.answer(asked, response);
}

Answered<void> route(const net::HttpRequest& request, const administration::Errand& errand,
                     net::HttpResponse& response) {
  const std::string_view path = request.path.substr(std::min(kPrefix.size(), request.path.size()));
  const auto steps = steps_of(path);
  const std::string_view method = request.method == "HEAD" ? "GET" : request.method;
  std::vector<std::string_view> methods;
  for (const Operation& operation : all_operations()) {
    const auto place = match(operation, steps);
    if (!place) continue;
    if (operation.method == method) {
      return answer_with(operation, *place, request, errand, response);
    }
    methods.push_back(operation.method);
  }
  if (methods.empty()) return nothing_there(path, steps.front());
  const std::string allowed = fmt::format("{}", fmt::join(methods, ", "));
  response.headers.add("Allow", allowed);
  return refuse(kMethodNotAllowed, ErrorCode::kUnimplemented,
                fmt::format("use one of {}", allowed));
}

}  // namespace

void answer(const net::HttpRequest& request, const administration::Errand& errand,
            net::HttpResponse& response) {
  const Answered<void> done = route(request, errand, response);
  if (!done) write_refusal(done.error(), response);
}

}  // namespace wardlock::admin
