#include "api/audit/orders.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "audit/inspect/record_check.h"
#include "base/suggestion.h"
#include "base/utf8.h"
#include "codec/json.h"
#include "event/subject.h"
#include "net/query_string.h"

namespace wardlock::audit_api {
namespace {

constexpr codec::JsonLimits kLimits{
    .max_bytes = std::size_t{64} << 10, .max_depth = 4, .max_members = 16};

std::unexpected<Error> names_nobody() {
  return invalid("name either `patient`, by its id, or `person`, by type and id");
}

Result<std::string> tenant_of(const Sight& sight, const std::optional<std::string>& named) {
  if (sight.tenant && named && *named != *sight.tenant) {
    return fail(ErrorCode::kPermissionDenied, "this caller may not order for another tenant");
  }
  const auto& tenant = sight.tenant ? sight.tenant : named ? named : sight.usual_tenant;
  if (tenant) return *tenant;
  return invalid("there are several tenants: name one with `tenant`");
}

/// Texts that come from outside and go on record.
Result<std::string> text_in(const boost::json::object& object, std::string_view name) {
  const codec::Json* const value = object.if_contains(name);
  if (value == nullptr) return invalid(fmt::format("`{}` is missing", name));
  if (!value->is_string() || value->get_string().empty()) {
    return invalid(fmt::format("`{}` must be a text, and not empty", name));
  }
  return std::string(value->get_string());
}

Result<std::string> id_in(const boost::json::object& object, std::string_view name) {
  std::string id = TRY(text_in(object, name));
  if (find_deceptive_character(id)) {
    return invalid(fmt::format("`{}` has control characters", name));
  }
  return id;
}

Result<void> check_members(const boost::json::object& object, std::vector<std::string> known) {
  for (const auto& member : object) {
    const std::string name(member.key());
    if (std::ranges::find(known, name) != known.end()) continue;
    return invalid(
        fmt::format("there is no member `{}` here{}", printable(name), suggestion(name, known)));
  }
  return {};
}

Result<void> read_whom(const boost::json::object& object, Order& order) {
  const codec::Json* const person = object.if_contains("person");
  if (object.contains("patient") == (person != nullptr)) return names_nobody();
  if (person == nullptr) {
    order.type = event::kPatientType;
    order.id = TRY(id_in(object, "patient"));
    return {};
  }
  if (!person->is_object()) return names_nobody();
  TRY_VOID(check_members(person->get_object(), {"type", "id"}));
  order.type = TRY(id_in(person->get_object(), "type"));
  order.id = TRY(id_in(person->get_object(), "id"));
  return {};
}

std::string answer_to(const Order& order, std::string_view what) {
  return codec::to_json_text(boost::json::object{{what, order.name}});
}

Result<std::string> look(audit::SubjectKeys& keys, audit::SubjectNames names) {
  std::map<std::string, std::int64_t> held;  // since when, by the hold's name
  std::set<std::int64_t> erased;
  for (const event::Subject& name : names) {
    const auto holds = TRY(keys.holds(name));
    for (const audit::LegalHold& hold : holds) held.emplace(hold.name, hold.since);
    const auto erasures = TRY(keys.erasures(name));
    for (const audit::Erasure& erasure : erasures) erased.insert(erasure.time);
  }
  boost::json::array holds, erasures;
  for (const auto& [name, since] : held) {
    holds.push_back(boost::json::object{{"name", name}, {"since", audit::time_text(since)}});
  }
  for (const std::int64_t time : erased) erasures.emplace_back(audit::time_text(time));
  return codec::to_json_text(
      boost::json::object{{"holds", std::move(holds)}, {"erasures", std::move(erasures)}});
}

}  // namespace

Result<Order> read_order(OrderKind kind, std::string_view body, const Sight& sight) {
  const codec::Json json = TRY(codec::parse_json(body, kLimits));
  if (!json.is_object()) return invalid("the body must be a JSON object");
  const boost::json::object& object = json.get_object();
  std::vector<std::string> known = {"patient", "person", "tenant", "reason"};
  if (kind != OrderKind::kErase) known.emplace_back("name");
  TRY_VOID(check_members(object, std::move(known)));
  Order order{.kind = kind};
  TRY_VOID(read_whom(object, order));
  order.reason = TRY(text_in(object, "reason"));
  if (kind != OrderKind::kErase) order.name = TRY(id_in(object, "name"));
  std::optional<std::string> tenant;
  if (object.contains("tenant")) tenant = TRY(id_in(object, "tenant"));
  order.tenant = TRY(tenant_of(sight, tenant));
  return order;
}

Result<Order> read_look(std::string_view query, const Sight& sight) {
  Order order{.kind = OrderKind::kLook};
  std::optional<std::string> tenant;
  for (const net::QueryParameter& term : TRY(net::read_query_string(query))) {
    const bool is_whom = term.name == "patient" || term.name == "person";
    const bool is_tenant = term.name == "tenant";
    if ((is_whom && !order.id.empty()) || (is_tenant && tenant) || (!is_whom && !is_tenant)) {
      return names_nobody();
    }
    if (is_tenant) tenant = term.value;
    if (term.name == "patient") {
      order.type = event::kPatientType;
      order.id = term.value;
    } else if (term.name == "person") {
      const audit::NamedSubject person = TRY(audit::read_named_subject(term.value));
      order.type = person.type;
      order.id = person.id;
    }
  }
  if (order.id.empty()) return names_nobody();
  order.tenant = TRY(tenant_of(sight, tenant));
  return order;
}

Result<std::string> carry_out(const Order& order, audit::SubjectKeys& keys,
                              const event::Event& circumstances, const audit::RecordOrder& record) {
  std::vector<event::Subject> names = {
      {.tenant = order.tenant, .type = order.type, .id = order.id}};
  for (const audit::NamedSubject& other : order.other_names) {
    names.push_back({.tenant = order.tenant, .type = other.type, .id = other.id});
  }
  event::Event event = circumstances;
  event.reason = order.reason;
  switch (order.kind) {
    case OrderKind::kErase: {
      const auto erased = TRY(audit::erase_all(keys, names, event, record));
      return codec::to_json_text(boost::json::object{{"erased", audit::time_text(erased.time)}});
    }
    case OrderKind::kHold:
      TRY_VOID(audit::hold_all(keys, names, order.name, event, record));
      return answer_to(order, "held");
    case OrderKind::kRelease:
      TRY_VOID(audit::release_all(keys, names, order.name, event, record));
      return answer_to(order, "released");
    case OrderKind::kLook: break;
  }
  return look(keys, names);
}

}  // namespace wardlock::audit_api
