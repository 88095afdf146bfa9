#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>

#include "cedar/ast/names.h"
#include "cedar/schema/declared_names.h"
#include "cedar/schema/schema_writer.h"
#include "cedar/value/value.h"
#include "crypto/seeded_hash.h"

namespace wardlock::cedar {
namespace {

using Form = TypeSyntax::Form;

constexpr std::string_view kBuiltinSpace = "__cedar::";

bool is_record(const TypeSyntax& type) { return type.form == Form::kRecord; }
bool is_empty_record(const TypeSyntax& type) { return is_record(type) && type.attributes.empty(); }

class SchemaTextWriter {
 public:
  explicit SchemaTextWriter(const DeclaredNames& names) : names_(names) {}

  Result<std::string> write(const SchemaSyntax& schema) {
    for (const NamespaceSyntax& space : schema.namespaces) {
      if (!out_.empty()) out_ += '\n';
      TRY_VOID(write_namespace(space));
    }
    return std::move(out_);
  }

 private:
  Result<void> write_namespace(const NamespaceSyntax& space) {
    space_ = space.name.text;
    if (space_.empty()) return write_declarations(space);
    TRY_VOID(refuse_collisions(space));
    write_annotations(space.annotations);
    out_ += fmt::format("namespace {} {{\n", space_);
    depth_ = 1;
    TRY_VOID(write_declarations(space));
    depth_ = 0;
    out_ += "}\n";
    return {};
  }

  /// As the reference does, whether the name of the entity type is ever used or not.
  static Result<void> refuse_collisions(const NamespaceSyntax& space) {
    std::unordered_set<std::string_view, crypto::SeededHash> commons;
    for (const CommonTypeSyntax& common : space.common_types) commons.insert(common.name.text);
    for (const EntitySyntax& entity : space.entities) {
      for (const NameSyntax& name : entity.names) {
        if (commons.contains(name.text)) return collision(qualify(space.name.text, name.text));
      }
    }
    return {};
  }

  static std::unexpected<Error> collision(std::string_view name) {
    return invalid(fmt::format(
        "`{}` names both a common type and something else, which the text syntax cannot tell "
        "apart; rename one of them",
        name));
  }

  Result<void> write_declarations(const NamespaceSyntax& space) {
    bool is_first = true;
    const auto begin = [&](const std::vector<AnnotationSyntax>& annotations) {
      if (!std::exchange(is_first, false)) out_ += '\n';
      write_annotations(annotations);
      indent();
    };
    for (const CommonTypeSyntax& common : space.common_types) {
      begin(common.annotations);
      out_ += fmt::format("type {} = ", common.name.text);
      TRY_VOID(write_type(common.type));
      out_ += ";\n";
    }
    for (const EntitySyntax& entity : space.entities) {
      begin(entity.annotations);
      TRY_VOID(write_entity(entity));
    }
    for (const ActionSyntax& action : space.actions) {
      begin(action.annotations);
      TRY_VOID(write_action(action));
    }
    return {};
  }

  Result<void> write_entity(const EntitySyntax& entity) {
    out_ += "entity ";
    write_list(entity.names, [](const NameSyntax& name) { return name.text; });
    if (!entity.enum_ids.empty()) {
      out_ += " enum [";
      write_list(entity.enum_ids, [](const std::string& id) { return quote(id); });
      out_ += ']';
    }
    if (!entity.member_of.empty()) write_types(" in ", entity.member_of);
    if (entity.shape && !is_record(*entity.shape)) {
      return invalid(fmt::format(
          "the shape of `{}` is no record; the text syntax takes only records there, written out",
          qualify(space_, entity.names.front().text)));
    }
    if (entity.shape && !is_empty_record(*entity.shape)) {
      out_ += " = ";
      TRY_VOID(write_type(*entity.shape));
    }
    if (entity.tags) {
      out_ += " tags ";
      TRY_VOID(write_type(*entity.tags));
    }
    out_ += ";\n";
    return {};
  }

  Result<void> write_action(const ActionSyntax& action) {
    out_ += "action ";
    write_list(action.ids, [](const NameSyntax& id) { return quote(id.text); });
    if (!action.member_of.empty()) {
      out_ += " in [";
      write_list(action.member_of, [](const ActionReferenceSyntax& group) {
        return group.type.empty() ? quote(group.id)
                                  : fmt::format("{}::{}", group.type, quote(group.id));
      });
      out_ += ']';
    }
    if (action.applies_to) TRY_VOID(write_applies_to(action));
    out_ += ";\n";
    return {};
  }

  Result<void> write_applies_to(const ActionSyntax& action) {
    const AppliesToSyntax& applies_to = *action.applies_to;
    // It applies to nothing, which the text says by silence.
    if (applies_to.principals.empty() || applies_to.resources.empty()) return {};
    out_ += " appliesTo {";
    ++depth_;
    write_types(line("principal: "), applies_to.principals);
    write_types("," + line("resource: "), applies_to.resources);
    if (applies_to.context && !is_empty_record(*applies_to.context)) {
      const Form form = applies_to.context->form;
      if (form == Form::kSet || form == Form::kBuiltin || form == Form::kEntityName) {
        return invalid(
            fmt::format("the context of action `{}` is no record", action.ids.front().text));
      }
      out_ += "," + line("context: ");
      TRY_VOID(write_type(*applies_to.context));
    }
    --depth_;
    out_ += line("}");
    return {};
  }

  Result<void> write_type(const TypeSyntax& type) {
    switch (type.form) {
      case Form::kName:
      case Form::kCommonName:
      case Form::kEntityName: return write_name(type);
      case Form::kBuiltin: out_ += std::string(kBuiltinSpace) + type.name; return {};
      case Form::kSet:
        out_ += "Set<";
        TRY_VOID(write_type(type.element.front()));
        out_ += '>';
        return {};
      case Form::kRecord: return write_record(type);
    }
    return {};
  }

  /// The JSON syntax says which kind of type a name is; the text syntax finds out by its rules.
  Result<void> write_name(const TypeSyntax& type) {
    const auto found = names_.find_type(space_, type.name);
    const bool changes = found && ((type.form == Form::kEntityName && found->is_common) ||
                                   (type.form == Form::kCommonName && !found->is_common));
    if (changes) return collision(found->full_name);
    out_ += type.name;
    return {};
  }

  Result<void> write_record(const TypeSyntax& record) {
    out_ += '{';
    ++depth_;
    bool is_first = true;
    for (const AttributeSyntax& attribute : record.attributes) {
      out_ += std::exchange(is_first, false) ? "\n" : ",\n";
      write_annotations(attribute.annotations);
      indent();
      const bool is_plain = is_identifier(attribute.name);
      out_ += is_plain ? attribute.name : quote(attribute.name);
      out_ += attribute.is_required ? ": " : "?: ";
      TRY_VOID(write_type(attribute.type));
    }
    --depth_;
    out_ += is_first ? "}" : line("}");
    return {};
  }

  void write_annotations(const std::vector<AnnotationSyntax>& annotations) {
    for (const AnnotationSyntax& annotation : annotations) {
      indent();
      out_ += "@" + annotation.name;
      if (annotation.value) out_ += fmt::format("({})", quote(*annotation.value));
      out_ += '\n';
    }
  }

  void write_types(std::string_view before, const std::vector<NameSyntax>& types) {
    out_ += before;
    out_ += '[';
    write_list(types, [](const NameSyntax& type) { return type.text; });
    out_ += ']';
  }

  template <typename T, typename Text>
  void write_list(const std::vector<T>& items, Text text) {
    bool is_first = true;
    for (const T& item : items) {
      if (!std::exchange(is_first, false)) out_ += ", ";
      out_ += text(item);
    }
  }

  void indent() { out_.append(2 * depth_, ' '); }
  std::string line(std::string_view text) const {
    return fmt::format("\n{:{}}{}", "", 2 * depth_, text);
  }

  const DeclaredNames& names_;
  std::string_view space_;
  std::size_t depth_ = 0;
  std::string out_;
};

}  // namespace

Result<std::string> schema_to_text(const SchemaSyntax& schema) {
  Diagnostics diagnostics;
  const DeclaredNames names(schema, diagnostics);
  if (!diagnostics.empty()) return invalid(diagnostics.front().message);
  return SchemaTextWriter(names).write(schema);
}

}  // namespace wardlock::cedar
