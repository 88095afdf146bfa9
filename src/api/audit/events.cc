#include "api/audit/events.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "audit/index/search.h"
#include "audit/inspect/export.h"
#include "base/arena.h"
#include "base/utf8.h"
#include "codec/json.h"
#include "event/mask.h"
#include "net/query_string.h"

namespace wardlock::audit_api {
namespace {

constexpr std::size_t kMostEvents = 1000;
/// What says whom somebody asks for is kept as that; what else was asked stands in the notes.
constexpr std::array<std::string_view, 5> kNamed = {"patient", "principal", "affected", "device",
                                                    "tenant"};

Result<bool> take_masked(std::vector<audit::QueryTerm>& terms, bool may_disclose) {
  const auto term = std::ranges::find(terms, "masked", &audit::QueryTerm::name);
  if (term == terms.end()) return !may_disclose;
  if (term->value != "true" && term->value != "false") {
    return invalid("`masked` may be `true` or `false`");
  }
  const bool is_masked = term->value == "true";
  terms.erase(term);
  if (is_masked || may_disclose) return is_masked;
  return fail(ErrorCode::kPermissionDenied,
              "this caller has no right `disclose`: it sees events masked");
}

/// The tenant whose records are wanted, and may be.
Result<void> settle_tenant(const Sight& sight, audit::Query& query, bool is_named) {
  if (sight.tenant) {
    if (is_named && query.tenant != sight.tenant) {
      return fail(ErrorCode::kPermissionDenied, "this caller may not read of another tenant");
    }
    query.tenant = sight.tenant;
    return {};
  }
  // `read_query` leaves it out where it is not needed.
  if (is_named || !query.tenant) return {};
  if (!sight.usual_tenant) return invalid("there are several tenants: name one with `tenant`");
  query.tenant = sight.usual_tenant;
  return {};
}

std::string error_line(std::uint64_t record, const Error& error) {
  return codec::to_json_text(
             boost::json::object{{"record", record}, {"error", printable(error.message)}}) +
         "\n";
}

/// As a line of NDJSON.
std::string event_text(std::uint64_t record, const Result<event::Event>& event, bool is_masked) {
  if (!event) return error_line(record, event.error());
  Arena arena;
  std::string line;
  const auto written =
      audit::append_ndjson(is_masked ? event::masked(*event, arena) : *event, record, line);
  return written ? line : error_line(record, written.error());
}

}  // namespace

Result<EventsRequest> read_events_request(std::string_view query, const Sight& sight) {
  std::vector<audit::QueryTerm> terms;
  for (net::QueryParameter& parameter : TRY(net::read_query_string(query))) {
    terms.push_back({.name = std::move(parameter.name), .value = std::move(parameter.value)});
  }
  const bool is_masked = TRY(take_masked(terms, sight.may_disclose));
  EventsRequest request{.query = TRY(audit::read_query(terms, kMostEvents)),
                        .is_masked = is_masked};
  const audit::Query& asked = request.query;
  if (!sight.may_disclose && (asked.patient || asked.principal || asked.affected)) {
    return fail(ErrorCode::kPermissionDenied,
                "this caller has no right `disclose`: it cannot ask for a person or patient");
  }
  const bool names_tenant = std::ranges::any_of(
      terms, [](const audit::QueryTerm& term) { return term.name == "tenant"; });
  TRY_VOID(settle_tenant(sight, request.query, names_tenant));
  request.terms = std::move(terms);
  return request;
}

Result<EventsPage> find_page(const Indexed& indexed, const EventsRequest& request,
                             std::size_t most_bytes) {
  EventsPage page{.json = "{\"events\":["};
  std::optional<std::uint64_t> cut_behind;  // the last record that there was room for
  std::uint64_t last = 0;
  const auto take = [&](std::uint64_t record, const Result<event::Event>& event) -> Result<void> {
    const std::string line = event_text(record, event, request.is_masked);
    if (page.count > 0 && page.json.size() + line.size() > most_bytes) {
      cut_behind = last;
      return fail(ErrorCode::kCancelled, "the page is full");
    }
    if (page.count > 0) page.json += ',';
    page.json.append(line, 0, line.size() - 1);
    last = record;
    ++page.count;
    return {};
  };
  const auto found =
      audit::find_events(indexed.index, indexed.log, indexed.keys, request.query, take);
  if (!found && !cut_behind) return std::unexpected(found.error());
  const auto next = cut_behind ? cut_behind : found->next;
  page.json += next ? fmt::format("],\"next\":{}}}", *next) : "]}";
  return page;
}

event::Event reading_event(const EventsRequest& request, std::size_t count,
                           const event::Event& circumstances, std::vector<std::string>& notes,
                           std::vector<std::string_view>& note_views) {
  event::Event event = circumstances;
  const audit::Query& query = request.query;
  event.kind = event::Kind::kLogRead;
  event.count = static_cast<std::int64_t>(count);
  if (query.tenant) event.tenant = *query.tenant;
  if (query.patient) event.patient = *query.patient;
  if (query.device) event.device = *query.device;
  // Who acted in the events is who is asked about in this one.
  if (const auto& asked = query.affected ? query.affected : query.principal) {
    event.affected_type = asked->type;
    event.affected_id = asked->id;
  }
  for (const audit::QueryTerm& term : request.terms) {
    if (std::ranges::find(kNamed, term.name) != kNamed.end()) continue;
    notes.push_back(fmt::format("{}={}", term.name, term.value));
  }
  if (query.affected && query.principal) {
    notes.push_back(fmt::format("principal={}::{}", query.principal->type, query.principal->id));
  }
  if (request.is_masked) notes.emplace_back("masked");
  note_views.assign(notes.begin(), notes.end());
  event.notes = note_views;
  return event;
}

}  // namespace wardlock::audit_api
