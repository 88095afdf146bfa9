#include "lsp/expr_type.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

#include "cedar/ast/names.h"

namespace wardlock::lsp {
namespace {

using cedar::Expr;
using cedar::ExtensionFunction;
using cedar::Kind;
using cedar::Type;

/// The type that is nothing but its kind.
const Type* simple(Kind kind) {
  static constexpr std::array<Type, 10> kTypes = {
      Type{.kind = Kind::kBool},    Type{.kind = Kind::kLong},     Type{.kind = Kind::kString},
      Type{.kind = Kind::kEntity},  Type{.kind = Kind::kSet},      Type{.kind = Kind::kRecord},
      Type{.kind = Kind::kDecimal}, Type{.kind = Kind::kDatetime}, Type{.kind = Kind::kDuration},
      Type{.kind = Kind::kIp}};
  return &kTypes[static_cast<std::size_t>(kind)];
}

Kind result_kind(ExtensionFunction function) {
  using enum ExtensionFunction;
  switch (function) {
    case kDecimal: return Kind::kDecimal;
    case kIp: return Kind::kIp;
    case kDatetime:
    case kOffset:
    case kToDate: return Kind::kDatetime;
    case kDuration:
    case kDurationSince:
    case kToTime: return Kind::kDuration;
    case kToMilliseconds:
    case kToSeconds:
    case kToMinutes:
    case kToHours:
    case kToDays: return Kind::kLong;
    default: return Kind::kBool;
  }
}

class Typer {
 public:
  Typer(const cedar::Schema& schema, const cedar::RequestEnvironment& environment, Arena& arena)
      : schema_(schema), environment_(environment), arena_(arena) {}

  const Type* type(const Expr& expr) {
    return std::visit([this](const auto& node) { return type_of(node); }, expr.node);
  }

 private:
  const Type* entity(std::string_view name) {
    return arena_.make<Type>(Type{.kind = Kind::kEntity, .entity_type = arena_.copy(name)});
  }

  const Type* type_of(const cedar::Literal& literal) {
    if (!literal.value.is(Kind::kEntity)) return simple(literal.value.kind());
    return entity(literal.value.as_entity().type);
  }

  const Type* type_of(cedar::Variable variable) {
    switch (variable) {
      case cedar::Variable::kPrincipal: return entity(environment_.principal);
      case cedar::Variable::kAction: return entity(environment_.action->uid->type);
      case cedar::Variable::kResource: return entity(environment_.resource);
      case cedar::Variable::kContext: return environment_.action->context;
    }
    return nullptr;
  }

  const Type* type_of(const cedar::UnaryExpr& unary) {
    return simple(unary.op == cedar::UnaryOp::kNegate ? Kind::kLong : Kind::kBool);
  }

  const Type* type_of(const cedar::BinaryExpr& binary) {
    switch (binary.op) {
      case cedar::BinaryOp::kAdd:
      case cedar::BinaryOp::kSubtract:
      case cedar::BinaryOp::kMultiply: return simple(Kind::kLong);
      case cedar::BinaryOp::kGetTag: return tags(type(*binary.left));
      default: return simple(Kind::kBool);
    }
  }

  const Type* tags(const Type* owner) {
    if (owner == nullptr || owner->kind != Kind::kEntity) return nullptr;
    const cedar::EntityType* entity = schema_.find_entity_type(owner->entity_type);
    return entity == nullptr ? nullptr : entity->tags;
  }

  const Type* type_of(const cedar::IfExpr& choice) {
    const Type* then_type = type(*choice.then_branch);
    return then_type != nullptr ? then_type : type(*choice.else_branch);
  }

  const Type* type_of(const cedar::GetAttr& get) {
    const Type* target = type(*get.target);
    const Type* record = target == nullptr ? nullptr : attributes_of(*target, schema_);
    const cedar::Attribute* found = record == nullptr ? nullptr : record->find_attribute(get.name);
    return found == nullptr ? nullptr : found->type;
  }

  const Type* type_of(const cedar::SetExpr& set) {
    const Type* element = set.members.empty() ? nullptr : type(*set.members.front());
    if (element == nullptr) return nullptr;
    return arena_.make<Type>(Type{.kind = Kind::kSet, .element = element});
  }

  const Type* type_of(const cedar::RecordExpr& record) {
    std::vector<cedar::Attribute> attributes;
    for (const cedar::RecordEntry& entry : record.entries) {
      if (const Type* value = type(*entry.value))
        attributes.push_back({entry.name, value, true, {}});
    }
    return arena_.make<Type>(Type{.kind = Kind::kRecord, .attributes = arena_.copy(attributes)});
  }

  const Type* type_of(const cedar::ExtensionCall& call) {
    return simple(result_kind(call.function));
  }

  const Type* type_of(const cedar::AndExpr& /*unused*/) { return simple(Kind::kBool); }
  const Type* type_of(const cedar::OrExpr& /*unused*/) { return simple(Kind::kBool); }
  const Type* type_of(const cedar::HasAttr& /*unused*/) { return simple(Kind::kBool); }
  const Type* type_of(const cedar::LikeExpr& /*unused*/) { return simple(Kind::kBool); }
  const Type* type_of(const cedar::IsExpr& /*unused*/) { return simple(Kind::kBool); }

  const cedar::Schema& schema_;
  const cedar::RequestEnvironment& environment_;
  Arena& arena_;
};

std::string_view builtin_name(Kind kind) {
  switch (kind) {
    case Kind::kBool: return "Bool";
    case Kind::kLong: return "Long";
    case Kind::kString: return "String";
    case Kind::kIp: return "ipaddr";
    default: return to_string(kind);
  }
}

void append_text(const Type& type, std::string& out);

/// Types share their parts, so that a small schema can make a text without end.
constexpr std::size_t kMaxTypeText = 300;

void append_record(const Type& type, std::string& out) {
  out += "{";
  std::string_view separator = " ";
  for (const cedar::Attribute& attribute : type.attributes) {
    out += separator;
    if (out.size() > kMaxTypeText) {
      out += "…";
      break;
    }
    out += cedar::is_identifier(attribute.name) ? std::string(attribute.name)
                                                : cedar::quote(attribute.name);
    out += attribute.is_required ? ": " : "?: ";
    append_text(*attribute.type, out);
    separator = ", ";
  }
  out += type.attributes.empty() ? "}" : " }";
}

void append_text(const Type& type, std::string& out) {
  if (out.size() > kMaxTypeText) {
    out += "…";
  } else if (type.kind == Kind::kEntity) {
    out += type.entity_type;
  } else if (type.kind == Kind::kSet) {
    out += "Set<";
    append_text(*type.element, out);
    out += ">";
  } else if (type.kind != Kind::kRecord) {
    out += builtin_name(type.kind);
  } else {
    append_record(type, out);
  }
}

}  // namespace

const Type* expr_type(const Expr& expr, const cedar::Schema& schema,
                      const cedar::RequestEnvironment& environment, Arena& arena) {
  return Typer(schema, environment, arena).type(expr);
}

const Type* attributes_of(const Type& type, const cedar::Schema& schema) {
  if (type.kind == Kind::kRecord) return &type;
  if (type.kind != Kind::kEntity) return nullptr;
  const cedar::EntityType* entity = schema.find_entity_type(type.entity_type);
  return entity == nullptr ? nullptr : entity->shape;
}

std::string schema_text(const Type& type) {
  std::string text;
  append_text(type, text);
  return text;
}

}  // namespace wardlock::lsp
