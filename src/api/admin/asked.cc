#include "api/admin/asked.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/suggestion.h"
#include "base/utf8.h"
#include "directory/model/moment.h"
#include "event/event.h"

namespace wardlock::admin {
namespace {

constexpr codec::JsonLimits kLimits{.max_bytes = kMuch, .max_depth = 16, .max_members = 256};

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

std::optional<std::uint64_t> to_number(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return number;
}

std::unexpected<Refusal> wrong_member(std::string_view name, std::string_view what) {
  Refusal refusal(Error{ErrorCode::kInvalidArgument, fmt::format("`{}` {}", name, what)});
  refusal.wrong.push_back({.pointer = pointer_to("#", name), .detail = refusal.error.message});
  return std::unexpected(std::move(refusal));
}

}  // namespace

bool Asked::has(std::string_view name) const {
  return std::ranges::find(parameters, name, &net::QueryParameter::name) != parameters.end();
}

std::string_view Asked::parameter(std::string_view name) const {
  const auto found = std::ranges::find(parameters, name, &net::QueryParameter::name);
  return found == parameters.end() ? std::string_view() : std::string_view(found->value);
}

Answered<bool> Asked::flag(std::string_view name) const {
  const std::string_view value = parameter(name);
  if (!has(name) || value == "false") return false;
  if (value == "true") return true;
  return invalid(fmt::format("`{}` may be `true` or `false`", name));
}

Answered<std::uint64_t> Asked::number(std::string_view name, std::uint64_t usual,
                                      std::uint64_t most) const {
  if (!has(name)) return usual;
  const auto number = to_number(parameter(name));
  if (number && *number <= most) return *number;
  return invalid(fmt::format("`{}` must be a number from 0 to {}", name, most));
}

Answered<Body> read_body(const net::HttpRequest& request, std::vector<std::string> known,
                         bool is_patch, std::size_t most) {
  Body body;
  if (request.body.empty()) return body;
  if (!has_type(request, "application/json") &&
      !(is_patch && has_type(request, "application/merge-patch+json"))) {
    return refuse(415, ErrorCode::kInvalidArgument,
                  fmt::format("send `application/json`{}, and say so in `Content-Type`",
                              is_patch ? " or `application/merge-patch+json`" : ""));
  }
  if (request.body.size() > most) return too_large(most);
  codec::Json json = TRY(codec::parse_json(request.body, kLimits));
  if (!json.is_object()) return invalid("the body must be a JSON object");
  body.members = std::move(json.get_object());
  TRY_VOID(check_members(body.members, std::move(known)));
  body.reason = TRY(reason_in(body));
  return body;
}

Answered<void> check_members(const boost::json::object& members, std::vector<std::string> known) {
  known.emplace_back("reason");
  Refusal refusal(Error{ErrorCode::kInvalidArgument, ""});
  for (const auto& member : members) {
    const std::string name(member.key());
    if (std::ranges::find(known, name) != known.end()) continue;
    refusal.wrong.push_back(
        {.pointer = "#" + pointer_to("", name),
         .detail = fmt::format("there is no member `{}` here{}", name, suggestion(name, known))});
  }
  if (refusal.wrong.empty()) return {};
  refusal.error.message = refusal.wrong.front().detail;
  return std::unexpected(std::move(refusal));
}

Answered<std::string> reason_in(const Body& body) {
  std::string reason = TRY(text_in(body, "reason", false));
  if (reason.size() <= event::kMaxFreeTextBytes) return reason;
  return wrong_member("reason", fmt::format("is longer than {} bytes", event::kMaxFreeTextBytes));
}

std::unexpected<Refusal> too_large(std::size_t most) {
  return refuse(413, ErrorCode::kInvalidArgument,
                fmt::format("the body has more than {} bytes", most));
}

bool has_type(const net::HttpRequest& request, std::string_view type) {
  const std::string_view said = request.header("Content-Type").value_or("");
  return net::equal_ignoring_case(trimmed(said.substr(0, said.find(';'))), type);
}

Answered<std::string> text_in(const Body& body, std::string_view name, bool is_required) {
  const codec::Json* const value = body.find(name);
  if (value == nullptr || value->is_null()) {
    if (is_required) return wrong_member(name, "is missing");
    return std::string();
  }
  if (!value->is_string() || (is_required && value->get_string().empty())) {
    return wrong_member(name, is_required ? "must be a text, and not empty" : "must be a text");
  }
  std::string text(value->get_string());
  if (text.contains('\0')) return wrong_member(name, "has control characters");
  return text;
}

Answered<std::optional<std::int64_t>> time_in(const Body& body, std::string_view name) {
  const std::string text = TRY(text_in(body, name, false));
  if (text.empty()) return std::nullopt;
  const auto time = directory::parse_time(text);
  if (time) return time;
  return wrong_member(name, "must be a time such as `2026-11-22T08:00:00Z`");
}

Answered<bool> flag_in(const Body& body, std::string_view name) {
  const codec::Json* const value = body.find(name);
  if (value == nullptr) return false;
  if (value->is_bool()) return value->get_bool();
  return wrong_member(name, "must be `true` or `false`");
}

Answered<std::uint64_t> count_in(const Body& body, std::string_view name) {
  const codec::Json* const value = body.find(name);
  if (value != nullptr && value->is_int64() && value->get_int64() > 0) {
    return static_cast<std::uint64_t>(value->get_int64());
  }
  return wrong_member(name, "must be a whole number from 1");
}

std::optional<std::set<std::uint64_t>> allowed_versions(const net::HttpRequest& request) {
  const auto header = request.header("If-Match");
  if (!header || trimmed(*header) == "*") return std::nullopt;
  std::set<std::uint64_t> versions;
  std::string_view rest = *header;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find(','), rest.size());
    const std::string_view tag = trimmed(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    // A weak one never matches, nor does what is none of ours.
    if (tag.size() < 3 || !tag.starts_with('"') || !tag.ends_with('"')) continue;
    if (const auto version = to_number(tag.substr(1, tag.size() - 2))) versions.insert(*version);
  }
  return versions;
}

std::string etag_of(std::uint64_t version) { return fmt::format("\"{}\"", version); }

void write_json(const codec::Json& json, net::HttpResponse& response) {
  response.content_type = "application/json";
  response.body = codec::to_json_text(json);
}

}  // namespace wardlock::admin
