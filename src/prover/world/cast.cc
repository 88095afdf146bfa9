#include "prover/world/cast.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <deque>

#include "cedar/json/value_json.h"

namespace wardlock::prover {
namespace {

using cedar::Kind;
using Form = Atom::Form;

}  // namespace

Cast::Cast(const Conditions& conditions, const Assumptions& assumptions,
           const Consistency& consistency, const cedar::EntityStore& given,
           std::map<ClassId, std::int64_t> numbers, Texts texts, Addresses addresses)
    : conditions_(conditions),
      assumptions_(assumptions),
      consistency_(consistency),
      given_(given),
      numbers_(std::move(numbers)),
      texts_(std::move(texts)),
      addresses_(std::move(addresses)) {
  mark_missing();
  put_all();
}

bool Cast::is_given(const Uid& uid) const {
  return given_.find({uid.first, uid.second, cedar::hash_uid(uid.first, uid.second)}) != nullptr;
}

std::string Cast::fresh_id(std::string_view type) {
  const cedar::EntityType* declared = conditions_.schema().find_entity_type(type);
  if (declared != nullptr && declared->is_enumerated()) {
    const std::size_t next = counts_[std::string(type)]++ % declared->enum_ids.size();
    return std::string(declared->enum_ids[next]);
  }
  std::string word(type.substr(type.rfind(':') + 1));
  std::ranges::transform(word, word.begin(), [](unsigned char c) { return std::tolower(c); });
  std::string id;
  do {
    id = fmt::format("{}-{}", word, ++counts_[std::string(type)]);
  } while (is_given({std::string(type), id}));
  return id;
}

Cast::Uid Cast::uid_of(TermId term) {
  const ClassId here = consistency_.class_of(term);
  if (const auto it = uids_.find(here); it != uids_.end()) return it->second;
  Uid uid;
  const cedar::Value* value = consistency_.value_of(here);
  if (value != nullptr && value->is(Kind::kEntity)) {
    uid = {std::string(value->as_entity().type), std::string(value->as_entity().id)};
  } else {
    const std::string type(conditions_.term(term).type.entity_type);
    uid = {type, fresh_id(type)};
  }
  uids_.emplace(here, uid);
  const bool is_missing = missing_.contains(here);
  if (!is_missing) want(uid);
  if (const auto it = members_.find(uid); it != members_.end()) {
    it->second.term = here;
    it->second.has_term = true;
  }
  return uid;
}

void Cast::want(const Uid& uid) {
  if (is_given(uid) || !members_.try_emplace(uid).second) return;
  open_.push_back(uid);
}

/// What erred lacks something: an entity, where the schema has each of its type have it.
void Cast::mark_missing() {
  for (AtomId id = 0; id < conditions_.atom_count(); ++id) {
    if (assumptions_[id] != Outcomes::is_error()) continue;
    const Atom& atom = conditions_.atom(id);
    const auto is_open = [&](const Access& access) {
      return access.is_tag ? !consistency_.has_tag(access.of, access.key).has_value()
                           : !consistency_.has(access.of, access.name).has_value();
    };
    for (const Access& access : atom.accesses) {
      const TermType& type = conditions_.term(access.of).type;
      const cedar::EntityType* declared = conditions_.schema().find_entity_type(type.entity_type);
      const cedar::Attribute* attribute = declared == nullptr || access.is_tag
                                              ? nullptr
                                              : declared->shape->find_attribute(access.name);
      if (!is_open(access)) continue;
      if (attribute != nullptr && attribute->is_required) {
        missing_.insert(consistency_.class_of(access.of));
      }
      break;
    }
  }
}

bool Cast::is_there(TermId of, std::string_view name, bool is_required) const {
  return consistency_.has(of, name).value_or(is_required);
}

codec::Json Cast::set_of(ClassId here, const Term& term) {
  boost::json::array out;
  for (const auto& [content, is_member] : consistency_.contents()) {
    if (is_member && content.first == here) out.push_back(value_of(content.second));
  }
  const auto empty = consistency_.emptiness().find(here);
  const bool must_have = empty != consistency_.emptiness().end() && !empty->second;
  if (out.empty() && must_have && term.type.type != nullptr && term.type.type->element != nullptr) {
    out.push_back(plain_value(*term.type.type->element));
  }
  return out;
}

codec::Json Cast::value_of(TermId id) {
  const ClassId here = consistency_.class_of(id);
  const Term& term = conditions_.term(id);
  if (term.type.is_entity()) {
    const Uid uid = uid_of(id);
    return entity_value(uid.first, uid.second);
  }
  if (const cedar::Value* value = consistency_.value_of(here)) {
    return cedar::value_to_json(*value).value_or(codec::Json(nullptr));
  }
  if (!term.type.kind) return nullptr;
  switch (*term.type.kind) {
    case Kind::kBool: return false;
    case Kind::kString: return codec::Json(texts_.of(here));
    case Kind::kSet: return set_of(here, term);
    case Kind::kIp: return extension_value("ip", addresses_.of(here));
    case Kind::kRecord:
      return term.type.type == nullptr ? codec::Json(boost::json::object())
                                       : codec::Json(fields_of(id, *term.type.type));
    default: break;
  }
  const auto number = numbers_.find(here);
  return number_value(*term.type.kind, number == numbers_.end() ? 0 : number->second);
}

codec::Json Cast::plain_value(const cedar::Type& type) {
  switch (type.kind) {
    case Kind::kBool: return false;
    case Kind::kString: return "text";
    case Kind::kSet: return boost::json::array();
    case Kind::kIp: return extension_value("ip", "192.0.2.1");
    case Kind::kEntity: {
      const cedar::EntityType* declared = conditions_.schema().find_entity_type(type.entity_type);
      const bool is_enumerated = declared != nullptr && declared->is_enumerated();
      const Uid uid(type.entity_type, is_enumerated ? std::string(declared->enum_ids[0]) : "some");
      want(uid);
      return entity_value(uid.first, uid.second);
    }
    case Kind::kRecord: {
      boost::json::object out;
      for (const cedar::Attribute& each : type.attributes) {
        if (each.is_required) out[each.name] = plain_value(*each.type);
      }
      return out;
    }
    default: return number_value(type.kind, 0);
  }
}

boost::json::object Cast::fields_of(TermId term, const cedar::Type& shape) {
  const ClassId here = consistency_.class_of(term);
  boost::json::object out;
  for (TermId id = 0; id < conditions_.term_count(); ++id) {
    const Term& field = conditions_.term(id);
    const bool is_field = field.form == Term::Form::kAttribute &&
                          consistency_.class_of(field.of) == here && !out.contains(field.name);
    const cedar::Attribute* declared = is_field ? shape.find_attribute(field.name) : nullptr;
    if (declared == nullptr || !is_there(field.of, field.name, declared->is_required)) continue;
    out[field.name] = value_of(id);
  }
  for (const cedar::Attribute& each : shape.attributes) {
    const bool is_wanted = is_there(term, each.name, each.is_required);
    if (is_wanted && !out.contains(each.name)) out[each.name] = plain_value(*each.type);
  }
  return out;
}

boost::json::object Cast::tags_of(TermId term) {
  const ClassId here = consistency_.class_of(term);
  boost::json::object out;
  for (TermId id = 0; id < conditions_.term_count(); ++id) {
    const Term& tag = conditions_.term(id);
    const bool is_tag = tag.form == Term::Form::kTag && consistency_.class_of(tag.of) == here;
    if (!is_tag || consistency_.has_tag(tag.of, tag.key) != true) continue;
    const codec::Json key = value_of(tag.key);
    if (key.is_string()) out[key.get_string()] = value_of(id);
  }
  return out;
}

// ---- Which is in which

std::optional<Cast::Uid> Cast::put_into_some(const Uid& member, std::string_view type) {
  Uid group(type, fresh_id(type));
  const cedar::EntityType* declared = conditions_.schema().find_entity_type(member.first);
  if (declared == nullptr || !declared->may_be_in(type)) return std::nullopt;
  want(group);
  put_into(member, group);
  return group;
}

/// Directly, or over others of the types between: the shortest way.
void Cast::put_into(const Uid& member, const Uid& group) {
  const cedar::Schema& schema = conditions_.schema();
  std::map<std::string_view, std::string_view> from;
  std::deque<std::string_view> open = {member.first};
  const auto is_parent = [&](std::string_view type) {
    const cedar::EntityType* declared = schema.find_entity_type(type);
    return declared != nullptr &&
           std::ranges::find(declared->parents, group.first) != declared->parents.end();
  };
  while (!open.empty() && !is_parent(open.front())) {
    const std::string_view here = open.front();
    open.pop_front();
    const cedar::EntityType* declared = schema.find_entity_type(here);
    if (declared == nullptr) continue;
    for (const std::string_view parent : declared->parents) {
      if (parent != member.first && from.try_emplace(parent, here).second) open.push_back(parent);
    }
  }
  if (open.empty()) return;
  std::vector<std::string_view> between;
  for (auto type = open.front(); type != member.first; type = from.at(type)) {
    between.push_back(type);
  }
  Uid here = member;
  for (const std::string_view type : std::views::reverse(between)) {
    Uid next(type, fresh_id(type));
    want(next);
    if (const auto it = members_.find(here); it != members_.end()) it->second.parents.insert(next);
    here = std::move(next);
  }
  if (const auto it = members_.find(here); it != members_.end()) it->second.parents.insert(group);
}

void Cast::put_all() {
  for (const auto& [member, groups] : consistency_.memberships()) {
    for (const ClassId group : groups) {
      const Uid uid = uid_of(member);
      const Uid into = uid_of(group);
      if (uid != into) put_into(uid, into);
    }
  }
}

boost::json::array Cast::take_entities() {
  boost::json::array out;
  // Making one may name others.
  for (std::size_t i = 0; i < open_.size(); ++i) {
    const Uid uid = open_[i];
    const cedar::EntityType* declared = conditions_.schema().find_entity_type(uid.first);
    if (declared == nullptr) continue;
    const Member member = members_.at(uid);
    boost::json::object attributes;
    boost::json::object tags;
    if (member.has_term) {
      attributes = fields_of(member.term, *declared->shape);
      tags = tags_of(member.term);
    } else {
      attributes = plain_value(*declared->shape).as_object();
    }
    boost::json::array parents;
    for (const Uid& parent : member.parents) {
      parents.push_back({{"type", parent.first}, {"id", parent.second}});
    }
    boost::json::object entity{{"uid", {{"type", uid.first}, {"id", uid.second}}},
                               {"attrs", std::move(attributes)},
                               {"parents", std::move(parents)}};
    if (!tags.empty()) entity["tags"] = std::move(tags);
    out.push_back(std::move(entity));
  }
  return out;
}

}  // namespace wardlock::prover
