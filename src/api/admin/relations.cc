#include "api/admin/relations.h"

#include <fmt/format.h>

#include <algorithm>

#include "administration/sight.h"
#include "api/admin/change.h"
#include "api/admin/thing_json.h"
#include "api/admin/things.h"
#include "base/suggestion.h"
#include "base/utf8.h"
#include "directory/model/relation.h"

namespace wardlock::admin {
namespace {

using administration::Deed;
using directory::Edit;
using directory::KeptRelation;
using directory::Kind;
using directory::Thing;

Result<directory::Relation> relation_named(std::string_view name) {
  if (const auto found = directory::find_relation(name)) return *found;
  std::vector<std::string> names;
  for (const auto& schema : directory::all_relations()) names.emplace_back(schema.name);
  return invalid(fmt::format("there is no kind of relations `{}`{}", printable(name),
                             suggestion(name, names)));
}

/// Whether all but the end that is named, and was let through, may be seen. An end may be of
/// several kinds: then all of these.
Result<bool> may_read(administration::Sight& sight, const KeptRelation& relation,
                      std::string_view named) {
  const directory::RelationSchema& schema = directory::schema_of(relation.relation);
  if (relation.subject != named && !TRY(sight.may_read(schema.subjects))) return false;
  if (relation.object != named && !TRY(sight.may_read(schema.objects))) return false;
  return !relation.scope || *relation.scope == named || TRY(sight.may_read(schema.scopes));
}

Answered<directory::RelationFilter> read_filter(const Asked& asked) {
  directory::RelationFilter filter;
  if (const auto kind = asked.parameter("kind"); !kind.empty()) {
    filter.relation = TRY(relation_named(kind));
  }
  const bool shows_ended = TRY(asked.flag("ended"));
  filter.not_ended_by = shows_ended ? 0 : asked.errand.now;
  return filter;
}

/// `named`: the thing that the relations are asked of, once the gate has let it be read.
Answered<void> write_relations(const Asked& asked, std::vector<KeptRelation> relations,
                               std::string_view named, net::HttpResponse& response) {
  std::ranges::sort(relations, {}, &KeptRelation::id);
  administration::Sight sight(asked.errand);
  boost::json::array items;
  std::uint64_t withheld = 0;
  std::string_view last;
  for (const KeptRelation& relation : relations) {
    if (relation.id == last) continue;  // it is at both ends
    last = relation.id;
    if (TRY(may_read(sight, relation, named))) {
      items.push_back(to_json(relation));
    } else {
      ++withheld;
    }
  }
  write_json(boost::json::object{{"items", std::move(items)}, {"withheld", withheld}}, response);
  return {};
}

Answered<directory::NewRelation> read_new(const Asked& asked, const Body& body) {
  const std::string kind = TRY(text_in(body, "kind"));
  directory::NewRelation wanted{.relation = TRY(relation_named(kind)), .subject = {}, .object = {}};
  wanted.subject = TRY(text_in(body, "subject"));
  wanted.object = TRY(text_in(body, "object"));
  wanted.from_ms = TRY(time_in(body, "from"));
  wanted.until_ms = TRY(time_in(body, "until"));
  std::string scope = TRY(text_in(body, "scope", false));
  if (!scope.empty()) wanted.scope = std::move(scope);
  const codec::Json* const attributes = body.find("attributes");
  if (attributes != nullptr && !attributes->is_null()) wanted.attributes = *attributes;
  const auto checked =
      directory::check_relation(wanted.relation, wanted.attributes, year_of(asked.errand.now));
  if (!checked) return refuse(checked.error(), "#/attributes");
  return wanted;
}

Done shown(const KeptRelation& relation) {
  return {.body = to_json(relation), .thing = relation.subject};
}

}  // namespace

Answered<void> list_relations(const Asked& asked, net::HttpResponse& response) {
  directory::RelationFilter filter = TRY(read_filter(asked));
  filter.subject = asked.parameter("subject");
  filter.object = asked.parameter("object");
  filter.scope = asked.parameter("scope");
  const std::string_view named = !filter.subject.empty()  ? filter.subject
                                 : !filter.object.empty() ? filter.object
                                                          : filter.scope;
  if (named.empty()) return invalid("name one with `subject`, `object` or `scope`");
  const Thing thing = TRY(asked.errand.registry.find(asked.tenant(), named));
  TRY_VOID(asked.errand.gate.check(Deed::kRead, thing));
  auto found = TRY(asked.errand.registry.relations(asked.tenant(), filter));
  return write_relations(asked, std::move(found), named, response);
}

Answered<void> relations_of_thing(const Asked& asked, net::HttpResponse& response) {
  const Thing thing = TRY(named_thing(asked));
  TRY_VOID(asked.errand.gate.check(Deed::kRead, thing));
  directory::RelationFilter filter = TRY(read_filter(asked));
  std::vector<KeptRelation> all;
  for (const auto end : {&directory::RelationFilter::subject, &directory::RelationFilter::object,
                         &directory::RelationFilter::scope}) {
    directory::RelationFilter side = filter;
    side.*end = thing.id;
    for (KeptRelation& relation : TRY(asked.errand.registry.relations(asked.tenant(), side))) {
      all.push_back(std::move(relation));
    }
  }
  return write_relations(asked, std::move(all), thing.id, response);
}

Answered<void> read_relation(const Asked& asked, net::HttpResponse& response) {
  const directory::Registry& registry = asked.errand.registry;
  const KeptRelation relation = TRY(registry.find_relation(asked.tenant(), asked.id));
  const directory::RelationSchema& schema = directory::schema_of(relation.relation);
  administration::Sight sight(asked.errand);
  TRY_VOID(sight.check(relation.subject, schema.subjects));
  TRY_VOID(sight.check(relation.object, schema.objects));
  if (relation.scope) TRY_VOID(sight.check(*relation.scope, schema.scopes));
  write_json(to_json(relation), response);
  return {};
}

Answered<void> create_relation(const Asked& asked, net::HttpResponse& response) {
  const Body body = TRY(read_body(
      asked.request, {"kind", "subject", "object", "scope", "from", "until", "attributes"}));
  const directory::NewRelation wanted = TRY(read_new(asked, body));
  const auto relate = [&](Edit& edit) -> Answered<Done> {
    const Thing subject = TRY(edit.find(wanted.subject));
    const Thing object = TRY(edit.find(wanted.object));
    TRY_VOID(asked.errand.gate.check(Deed::kRelate, wanted.relation, subject, object));
    Done done = shown(TRY(edit.relate(wanted)));
    done.status = 201;
    done.location =
        fmt::format("/admin/v1/relations/{}", std::string_view(done.body->at("id").as_string()));
    return done;
  };
  return carry_out(asked, body.reason, relate, response);
}

Answered<void> end_relation(const Asked& asked, net::HttpResponse& response) {
  const Body body = TRY(read_body(asked.request, {}));
  const auto end = [&](Edit& edit) -> Answered<Done> {
    const KeptRelation relation = TRY(edit.find_relation(asked.id));
    const Thing subject = TRY(edit.find(relation.subject));
    const Thing object = TRY(edit.find(relation.object));
    TRY_VOID(asked.errand.gate.check(Deed::kEndRelation, relation.relation, subject, object));
    TRY_VOID(edit.end(relation.id));
    return shown(TRY(edit.find_relation(relation.id)));
  };
  return carry_out(asked, body.reason, end, response);
}

}  // namespace wardlock::admin
