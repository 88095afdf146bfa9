#include "tables.h"

#include <string>
#include <vector>

namespace wardlock::plan {
namespace {

using boost::json::array;
using boost::json::object;
using codec::Json;

class Tables {
 public:
  explicit Tables(const cedar::EntityStore& entities) : entities_(entities) {}

  void add(std::string_view type, const cedar::EntityType& declared, const EntityTable& table) {
    columns_ = {{table.id, "text"}};
    describe(table.attributes, *declared.shape);
    for (const ParentSource& source : table.parents) {
      if (!source.column.empty()) columns_.push_back({source.column, "text"});
    }
    object main = start(table.table);
    for (const cedar::Entity* entity : entities_.entities()) {
      if (entity->uid()->type != type) continue;
      row_ = {text(entity->uid()->id)};
      fill(table.attributes, *declared.shape, entity->attributes());
      for (const ParentSource& source : table.parents) {
        if (!source.column.empty()) row_.push_back(parent(*entity, source.type));
      }
      main["rows"].as_array().push_back(std::move(row_));
    }
    out_.push_back(std::move(main));
    for (const auto& [name, source] : table.attributes) {
      if (source.kind == AttributeSource::Kind::kMembers) {
        add_members(type, name, source.members,
                    *declared.shape->find_attribute(name)->type->element);
      }
    }
    for (const ParentSource& source : table.parents) {
      if (source.column.empty()) add_parents(type, source);
    }
    if (table.tags) add_tags(type, *table.tags, *declared.tags);
  }

  array take() { return std::move(out_); }

 private:
  using Sources = std::map<std::string, AttributeSource, std::less<>>;

  static Json text(std::string_view text) { return boost::json::string(text.data(), text.size()); }

  static const char* type_name(const cedar::Type& type, TimeForm form) {
    if (form == TimeForm::kTimestamptz) return "timestamptz";
    switch (type.kind) {
      case cedar::Kind::kBool: return "boolean";
      case cedar::Kind::kString:
      case cedar::Kind::kEntity: return "text";
      default: return "bigint";
    }
  }

  object start(const Table& table) {
    array columns;
    for (const auto& [name, type] : columns_) columns.push_back(array{name, type});
    return {{"name", table.name}, {"columns", std::move(columns)}, {"rows", array()}};
  }

  void describe(const Sources& sources, const cedar::Type& record) {
    for (const auto& [name, source] : sources) {
      const cedar::Type& type = *record.find_attribute(name)->type;
      if (source.kind == AttributeSource::Kind::kRecord) {
        describe(source.fields, type);
      } else if (source.kind == AttributeSource::Kind::kColumn) {
        columns_.push_back({source.column.name, type_name(type, source.column.time)});
      }
    }
  }

  void fill(const Sources& sources, const cedar::Type& record, const auto& fields) {
    for (const auto& [name, source] : sources) {
      const cedar::Value* value = find_field(fields, name);
      if (source.kind == AttributeSource::Kind::kRecord) {
        fill(source.fields, *record.find_attribute(name)->type,
             value == nullptr ? std::span<const cedar::Field>() : value->as_record());
      } else if (source.kind == AttributeSource::Kind::kColumn) {
        row_.push_back(value == nullptr ? Json(nullptr) : parameter_to_json(*value));
      }
    }
  }

  static Json parent(const cedar::Entity& entity, std::string_view type) {
    for (const cedar::EntityUid* parent : entity.parents()) {
      if (parent->type == type) return text(parent->id);
    }
    return nullptr;
  }

  void add_members(std::string_view type, std::string_view name, const MemberTable& members,
                   const cedar::Type& element) {
    columns_ = {{members.owner, "text"},
                {members.member.name, type_name(element, members.member.time)}};
    object table = start(members.table);
    for (const cedar::Entity* entity : entities_.entities()) {
      if (entity->uid()->type != type) continue;
      for (const cedar::Value& member : find_field(entity->attributes(), name)->as_set()) {
        table["rows"].as_array().push_back(
            array{text(entity->uid()->id), parameter_to_json(member)});
      }
    }
    out_.push_back(std::move(table));
  }

  void add_parents(std::string_view type, const ParentSource& source) {
    columns_ = {{source.child, "text"}, {source.parent, "text"}};
    object table = start(source.table);
    for (const cedar::Entity* entity : entities_.entities()) {
      if (entity->uid()->type != type) continue;
      for (const cedar::EntityUid* parent : entity->parents()) {
        if (parent->type != source.type) continue;
        table["rows"].as_array().push_back(array{text(entity->uid()->id), text(parent->id)});
      }
    }
    out_.push_back(std::move(table));
  }

  void add_tags(std::string_view type, const TagSource& tags, const cedar::Type& value_type) {
    columns_ = {{tags.owner, "text"},
                {tags.key, "text"},
                {tags.value.name, type_name(value_type, tags.value.time)}};
    object table = start(tags.table);
    for (const cedar::Entity* entity : entities_.entities()) {
      if (entity->uid()->type != type) continue;
      for (const cedar::Field& tag : entity->tags()) {
        table["rows"].as_array().push_back(
            array{text(entity->uid()->id), text(tag.name), parameter_to_json(tag.value)});
      }
    }
    out_.push_back(std::move(table));
  }

  const cedar::EntityStore& entities_;
  std::vector<std::pair<std::string, std::string>> columns_;
  array row_;
  array out_;
};

}  // namespace

Json tables_of(const Mapping& mapping, const cedar::Schema& schema,
               const cedar::EntityStore& entities) {
  Tables tables(entities);
  for (const auto& [type, table] : mapping.types) {
    tables.add(type, *schema.find_entity_type(type), table);
  }
  return tables.take();
}

Json parameter_to_json(const cedar::Value& value) {
  switch (value.kind()) {
    case cedar::Kind::kBool: return value.as_bool();
    case cedar::Kind::kLong: return value.as_long();
    case cedar::Kind::kString:
      return boost::json::string(value.as_string().data(), value.as_string().size());
    case cedar::Kind::kEntity: {
      const std::string_view id = value.as_entity().id;
      return boost::json::string(id.data(), id.size());
    }
    default: return value.as_scaled();
  }
}

}  // namespace wardlock::plan
