#include "call/operation.h"

#include <fmt/format.h>

#include <optional>

namespace wardlock::call {
namespace {

/// What the path has in the place of `{id}`; nothing: it is another path.
std::optional<std::string_view> match(std::string_view wanted, std::string_view path) {
  constexpr std::string_view kId = "{id}";
  const std::size_t at = wanted.find(kId);
  if (at == std::string_view::npos) {
    return wanted == path ? std::optional(std::string_view()) : std::nullopt;
  }
  const std::string_view before = wanted.substr(0, at);
  const std::string_view behind = wanted.substr(at + kId.size());
  if (path.size() <= before.size() + behind.size()) return std::nullopt;
  if (!path.starts_with(before) || !path.ends_with(behind)) return std::nullopt;
  path.remove_prefix(before.size());
  path.remove_suffix(behind.size());
  if (path.contains('/')) return std::nullopt;
  return path;
}

}  // namespace

Route::Route(const net::HttpRequest& request, std::string_view prefix)
    : method_(request.method == "HEAD" ? std::string_view("GET") : request.method),
      path_(request.path) {
  path_.remove_prefix(prefix.size());
}

bool Route::leads_to(std::string_view method, std::string_view path) {
  const auto id = match(path, path_);
  if (!id || (is_written_out_ && !id->empty())) return false;
  is_written_out_ = is_written_out_ || id->empty();
  if (method == method_) {
    id_ = *id;
    return true;
  }
  if (!allowed_.contains(method)) {
    allowed_ += fmt::format("{}{}", allowed_.empty() ? "" : ", ", method);
  }
  return false;
}

void Route::refuse(net::HttpResponse& response) const {
  if (allowed_.empty()) return net::write_problem(404, "there is nothing here", response);
  net::write_problem(405, fmt::format("ask with {}", allowed_), response);
  response.headers.add("Allow", allowed_);
}

}  // namespace wardlock::call
