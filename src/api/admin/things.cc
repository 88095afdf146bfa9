#include "api/admin/things.h"

#include <fmt/format.h>

#include <algorithm>

#include "api/admin/change.h"
#include "api/admin/list_query.h"
#include "api/admin/thing_json.h"
#include "base/utf8.h"

namespace wardlock::admin {
namespace {

using administration::Deed;
using directory::Edit;
using directory::Thing;

/// As if another kind's were not there.
Result<Thing> of_collection(const Asked& asked, Result<Thing> found) {
  Thing thing = TRY(std::move(found));
  if (asked.schema == nullptr || thing.kind == asked.schema->kind) return thing;
  return fail(ErrorCode::kNotFound, fmt::format("nothing among the {} has the id `{}`",
                                                asked.schema->plural, printable(asked.id)));
}

/// The one that is to be changed, as the request has seen it, and once the gate has let it: `ask`
/// asks it.
Answered<Thing> to_be_changed(const Asked& asked, Edit& edit,
                              const std::function<Result<void>(const Thing&)>& ask) {
  Thing thing = TRY(named_thing(asked, edit));
  TRY_VOID(ask(thing));
  const auto versions = allowed_versions(asked.request);
  if (!versions || versions->contains(thing.version)) return thing;
  return refuse(
      0, ErrorCode::kAborted,
      fmt::format("somebody else changed `{}` meanwhile: it has version {}; read it again",
                  thing.id, thing.version));
}

Answered<Thing> to_be_changed(const Asked& asked, Edit& edit, Deed deed) {
  return to_be_changed(asked, edit,
                       [&](const Thing& thing) { return asked.errand.gate.check(deed, thing); });
}

Done shown(const Thing& thing) {
  return {.body = to_json(thing, false), .version = thing.version, .thing = thing.id};
}

/// What a body that was read, and is sent back, must say as it was.
Answered<void> check_unchanged(const Body& body, const Thing& thing) {
  const codec::Json now = to_json(thing, false);
  for (const std::string_view name : {"id", "kind", "state", "version", "createdAt", "changedAt"}) {
    const codec::Json* const said = body.find(name);
    if (said == nullptr || *said == now.at(name)) continue;
    if (name == "version" || name == "changedAt") {
      return refuse(0, ErrorCode::kAborted,
                    fmt::format("somebody else changed `{}` meanwhile: it has version {}; read it "
                                "again",
                                thing.id, thing.version));
    }
    return refuse({{std::string(name),
                    name == "state" ? "is changed by `POST …/state` alone" : "stays as it is"}},
                  "#");
  }
  return {};
}

/// Changes the attributes, and says what is wrong with all of them.
Answered<Done> change_attributes(const Asked& asked, Edit& edit, const Thing& before,
                                 const codec::Json& wanted) {
  const auto after = TRY(check_attributes(before.kind, wanted, asked.errand.now));
  const auto faults = directory::find_forbidden_changes(before.document, after);
  if (!faults.empty()) return refuse(faults, "#/attributes");
  return shown(TRY(edit.change(before.id, before.version, wanted)));
}

/// Who does not see what is sensitive does not take it away by leaving it out.
codec::Json with_sensitive_parts(const codec::Json& sent, const Thing& before) {
  codec::Json wanted = sent;
  auto* const members = wanted.if_object();
  if (members == nullptr) return wanted;
  for (const directory::Attribute& attribute : directory::schema_of(before.kind).attributes) {
    if (!attribute.is_sensitive || members->contains(attribute.name)) continue;
    const codec::Json* const kept = before.document.json().if_contains(attribute.name);
    if (kept != nullptr) (*members)[attribute.name] = *kept;
  }
  return wanted;
}

codec::Json attributes_of(const Body& body) {
  const codec::Json* const attributes = body.find("attributes");
  return attributes == nullptr ? codec::Json(boost::json::object{}) : *attributes;
}

/// Those whose things an entity of the kind may name.
directory::Kinds kinds_named_by(directory::Kind kind) {
  directory::Kinds named;
  const auto add = [&named](directory::Kinds kinds) {
    for (const directory::Schema* schema : directory::all_schemas()) {
      if (kinds.contains(schema->kind)) named = named.with(schema->kind);
    }
  };
  for (const directory::Attribute& attribute : directory::schema_of(kind).attributes) {
    if (!attribute.cedar.empty() || attribute.leads_up) add(attribute.targets);
  }
  for (const directory::RelationSchema& relation : directory::all_relations()) {
    if (relation.subjects.contains(kind)) {
      if (relation.leads_up || !relation.cedar_at_subject.is_empty()) add(relation.objects);
      if (relation.leads_up || !relation.cedar_of_scope.is_empty()) add(relation.scopes);
    }
    if (relation.objects.contains(kind) && !relation.cedar_at_object.is_empty()) {
      add(relation.subjects);
    }
  }
  return named;
}

/// Whether entities of the kind show what is shown only to who asks for it.
bool has_sensitive_seen(directory::Kind kind) {
  return std::ranges::any_of(directory::schema_of(kind).attributes,
                             [](const directory::Attribute& attribute) {
                               return attribute.is_sensitive && !attribute.cedar.empty();
                             });
}

Answered<void> show(const Asked& asked, const Thing& thing, net::HttpResponse& response) {
  const bool is_sensitive = TRY(asked.flag("sensitive"));
  TRY_VOID(asked.errand.gate.check(Deed::kRead, thing));
  if (is_sensitive) TRY_VOID(asked.errand.gate.check(Deed::kReadSensitive, thing));
  const std::string etag = etag_of(thing.version);
  response.headers.add("ETag", etag);
  if (asked.request.header("If-None-Match") == etag) {
    response.status = 304;
    return {};
  }
  write_json(to_json(thing, is_sensitive), response);
  return {};
}

}  // namespace

Result<Thing> named_thing(const Asked& asked) {
  return of_collection(asked, asked.errand.registry.find(asked.tenant(), asked.id));
}

Result<Thing> named_thing(const Asked& asked, Edit& edit) {
  return of_collection(asked, edit.find(asked.id));
}

Answered<void> list_things(const Asked& asked, net::HttpResponse& response) {
  const directory::Kind kind = asked.schema->kind;
  const bool is_sensitive = TRY(asked.flag("sensitive"));
  TRY_VOID(asked.errand.gate.check(Deed::kRead, kind));
  if (is_sensitive) TRY_VOID(asked.errand.gate.check(Deed::kReadSensitive, kind));
  const directory::Query query = TRY(read_list_query(asked));
  // Taken before: what changes meanwhile comes again in the feed, and is not missed.
  const std::uint64_t revision = TRY(asked.errand.registry.revision());
  const directory::Page page = TRY(asked.errand.registry.list(asked.tenant(), kind, query));
  boost::json::array items;
  for (const Thing& thing : page.things) items.push_back(to_json(thing, is_sensitive));
  boost::json::object out{{"items", std::move(items)}};
  if (!page.next.empty()) out["next"] = page.next;
  if (page.total) out["total"] = *page.total;
  response.headers.add(administration::kRevisionHeader, fmt::format("{}", revision));
  write_json(out, response);
  return {};
}

Answered<void> create_thing(const Asked& asked, net::HttpResponse& response) {
  const directory::Kind kind = asked.schema->kind;
  const Body body = TRY(read_body(asked.request, {"attributes", "state", "kind"}));
  const std::string state = TRY(text_in(body, "state", false));
  const std::string said = TRY(text_in(body, "kind", false));
  if (!said.empty() && said != to_string(kind)) {
    return refuse({{"kind", fmt::format("must be `{}` here", to_string(kind))}}, "#");
  }
  const codec::Json attributes = attributes_of(body);
  const auto create = [&](Edit& edit) -> Answered<Done> {
    TRY_VOID(asked.errand.gate.check(Deed::kCreate, kind));
    TRY_VOID(check_attributes(kind, attributes, asked.errand.now));
    const Thing thing = TRY(edit.create(kind, attributes, state));
    Done done = shown(thing);
    done.status = 201;
    done.location = fmt::format("/admin/v1/{}/{}", asked.schema->collection, thing.id);
    return done;
  };
  return carry_out(asked, body.reason, create, response);
}

Answered<void> read_thing(const Asked& asked, net::HttpResponse& response) {
  return show(asked, TRY(named_thing(asked)), response);
}

Answered<void> read_any_thing(const Asked& asked, net::HttpResponse& response) {
  return show(asked, TRY(named_thing(asked)), response);
}

Answered<void> read_entity(const Asked& asked, net::HttpResponse& response) {
  const Thing thing = TRY(named_thing(asked));
  TRY_VOID(asked.errand.gate.check(Deed::kRead, thing));
  if (has_sensitive_seen(thing.kind)) {
    TRY_VOID(asked.errand.gate.check(Deed::kReadSensitive, thing));
  }
  const directory::Kinds named = kinds_named_by(thing.kind);
  for (const directory::Schema* schema : directory::all_schemas()) {
    if (named.contains(schema->kind)) {
      TRY_VOID(asked.errand.gate.check(Deed::kRead, schema->kind));
    }
  }
  if (asked.errand.view == nullptr) {
    return refuse(0, ErrorCode::kUnavailable, "no policies see the directory here");
  }
  const directory::SeenThing seen = TRY(asked.errand.view->of(thing.id));
  boost::json::object out{{"id", thing.id}, {"kind", to_string(thing.kind)}};
  if (seen.entity.empty()) {
    out["hidden"] = seen.why;
  } else {
    out["entity"] = TRY(codec::parse_json(seen.entity));
  }
  write_json(out, response);
  return {};
}

Answered<void> replace_thing(const Asked& asked, net::HttpResponse& response) {
  const Body body = TRY(read_body(
      asked.request, {"attributes", "id", "kind", "state", "version", "createdAt", "changedAt"}));
  const codec::Json attributes = attributes_of(body);
  const auto replace = [&](Edit& edit) -> Answered<Done> {
    const Thing before = TRY(to_be_changed(asked, edit, Deed::kChange));
    TRY_VOID(check_unchanged(body, before));
    return change_attributes(asked, edit, before, with_sensitive_parts(attributes, before));
  };
  return carry_out(asked, body.reason, replace, response);
}

Answered<void> patch_thing(const Asked& asked, net::HttpResponse& response) {
  const Body body = TRY(read_body(asked.request, {"attributes"}, true));
  const codec::Json patch = attributes_of(body);
  const auto apply = [&](Edit& edit) -> Answered<Done> {
    const Thing before = TRY(to_be_changed(asked, edit, Deed::kChange));
    codec::Json wanted = before.document.json();
    merge_patch(wanted, patch);
    return change_attributes(asked, edit, before, wanted);
  };
  return carry_out(asked, body.reason, apply, response);
}

Answered<void> set_state(const Asked& asked, net::HttpResponse& response) {
  const Body body = TRY(read_body(asked.request, {"state"}));
  const std::string state = TRY(text_in(body, "state"));
  const auto go_on = [&](Edit& edit) -> Answered<Done> {
    const Thing before = TRY(to_be_changed(asked, edit, [&](const Thing& thing) {
      return asked.errand.gate.check_state(thing, state);
    }));
    return shown(TRY(edit.set_state(before.id, before.version, state)));
  };
  return carry_out(asked, body.reason, go_on, response);
}

Answered<void> remove_thing(const Asked& asked, net::HttpResponse& response) {
  const Body body = TRY(read_body(asked.request, {}));
  const auto remove = [&](Edit& edit) -> Answered<Done> {
    const Thing before = TRY(to_be_changed(asked, edit, Deed::kRemove));
    TRY_VOID(edit.remove(before.id, before.version));
    return Done{.status = 204};
  };
  return carry_out(asked, body.reason, remove, response);
}

Answered<void> merge_patient(const Asked& asked, net::HttpResponse& response) {
  const Body body = TRY(read_body(asked.request, {"into"}));
  const std::string into = TRY(text_in(body, "into"));
  const auto merge = [&](Edit& edit) -> Answered<Done> {
    const Thing from = TRY(to_be_changed(asked, edit, Deed::kMerge));
    const Thing target = TRY(edit.find(into));
    TRY_VOID(asked.errand.gate.check(Deed::kMerge, target));
    return shown(TRY(edit.merge_patients(from.id, target.id)));
  };
  return carry_out(asked, body.reason, merge, response);
}

}  // namespace wardlock::admin
