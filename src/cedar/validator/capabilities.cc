#include "cedar/validator/capabilities.h"

#include <algorithm>
#include <iterator>

namespace wardlock::cedar {
namespace {

std::optional<bool> bool_literal_of(const Expr& expr) {
  const auto literal = literal_of(expr);
  return literal && literal->is(Kind::kBool) ? std::optional(literal->as_bool()) : std::nullopt;
}

std::optional<Value> fold(std::span<const Expr* const> operands, bool is_and) {
  bool result = is_and;
  for (const Expr* operand : operands) {
    const auto value = bool_literal_of(*operand);
    if (!value) return std::nullopt;
    result = is_and ? result && *value : result || *value;
  }
  return Value::boolean(result);
}

}  // namespace

std::optional<Value> literal_of(const Expr& expr) {
  if (const auto* literal = std::get_if<Literal>(&expr.node)) return literal->value;
  if (const auto* both = std::get_if<AndExpr>(&expr.node)) return fold(both->operands, true);
  if (const auto* any = std::get_if<OrExpr>(&expr.node)) return fold(any->operands, false);
  return std::nullopt;
}

/// A node as text: its kind, then its parts, each of a known length.
class CapabilityTable::ShapeKey {
 public:
  explicit ShapeKey(char kind) : text_(1, kind) {}

  ShapeKey& part(ShapeId shape) {
    text_.append(reinterpret_cast<const char*>(&shape), sizeof shape);
    return *this;
  }
  ShapeKey& part(std::string_view text) {
    const std::size_t size = text.size();
    text_.append(reinterpret_cast<const char*>(&size), sizeof size).append(text);
    return *this;
  }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

namespace {

constexpr char kNot = '!';

/// `!=`, `>` and `>=` are what they are short for.
struct Spelled {
  char kind;
  bool is_negated;
};

Spelled spell(BinaryOp op) {
  switch (op) {
    case BinaryOp::kNotEqual: return {static_cast<char>('a' + int(BinaryOp::kEqual)), true};
    case BinaryOp::kGreater: return {static_cast<char>('a' + int(BinaryOp::kLessEqual)), true};
    case BinaryOp::kGreaterEqual: return {static_cast<char>('a' + int(BinaryOp::kLess)), true};
    default: return {static_cast<char>('a' + int(op)), false};
  }
}

}  // namespace

/// One overload per kind of node.
struct CapabilityTable::Shaper {
  CapabilityTable& table;

  ShapeId operator()(const Literal& e) const {
    ShapeKey key('L');
    key.part(static_cast<ShapeId>(e.value.kind()));
    return table.number(key.part(to_text(e.value)));
  }
  ShapeId operator()(Variable variable) const {
    return table.number(ShapeKey('V').part(static_cast<ShapeId>(variable)));
  }
  ShapeId operator()(const UnaryExpr& e) const {
    const char kind = e.op == UnaryOp::kNot ? kNot : e.op == UnaryOp::kNegate ? '-' : '0';
    return table.number(ShapeKey(kind).part(table.shape_of(*e.argument)));
  }
  ShapeId operator()(const BinaryExpr& e) const {
    const Spelled spelled = spell(e.op);
    const ShapeId shape = table.number(
        ShapeKey(spelled.kind).part(table.shape_of(*e.left)).part(table.shape_of(*e.right)));
    return spelled.is_negated ? table.number(ShapeKey(kNot).part(shape)) : shape;
  }
  ShapeId operator()(const AndExpr& e) const { return chain('&', e.operands); }
  ShapeId operator()(const OrExpr& e) const { return chain('|', e.operands); }
  ShapeId operator()(const IfExpr& e) const {
    return table.number(ShapeKey('?')
                            .part(table.shape_of(*e.condition))
                            .part(table.shape_of(*e.then_branch))
                            .part(table.shape_of(*e.else_branch)));
  }
  ShapeId operator()(const GetAttr& e) const {
    return table.attribute_shape(table.shape_of(*e.target), e.name);
  }
  ShapeId operator()(const HasAttr& e) const {
    ShapeKey key('h');
    key.part(table.shape_of(*e.target));
    for (const std::string_view name : e.path) key.part(name);
    return table.number(key);
  }
  ShapeId operator()(const LikeExpr& e) const {
    ShapeKey key('~');
    key.part(table.shape_of(*e.target));
    for (const std::string_view segment : e.segments) key.part(segment);
    return table.number(key);
  }
  ShapeId operator()(const IsExpr& e) const {
    const ShapeId target = table.shape_of(*e.target);
    const ShapeId is = table.number(ShapeKey(':').part(target).part(e.type));
    if (e.in == nullptr) return is;
    const ShapeId in =
        table.number(ShapeKey(spell(BinaryOp::kIn).kind).part(target).part(table.shape_of(*e.in)));
    return table.number(ShapeKey('&').part(is).part(in));
  }
  ShapeId operator()(const SetExpr& e) const {
    ShapeKey key('[');
    for (const Expr* member : e.members) key.part(table.shape_of(*member));
    return table.number(key);
  }
  ShapeId operator()(const RecordExpr& e) const {
    ShapeKey key('{');
    for (const RecordEntry& entry : e.entries) {
      key.part(entry.name).part(table.shape_of(*entry.value));
    }
    return table.number(key);
  }
  ShapeId operator()(const ExtensionCall& e) const {
    ShapeKey key('(');
    key.part(static_cast<ShapeId>(e.function));
    for (const Expr* argument : e.arguments) key.part(table.shape_of(*argument));
    return table.number(key);
  }

  /// `a && b && c` is `(a && b) && c`.
  ShapeId chain(char kind, std::span<const Expr* const> operands) const {
    ShapeId shape = table.shape_of(*operands.front());
    for (const Expr* operand : operands.subspan(1)) {
      shape = table.number(ShapeKey(kind).part(shape).part(table.shape_of(*operand)));
    }
    return shape;
  }
};

CapabilityTable::ShapeId CapabilityTable::number(const ShapeKey& key) {
  const auto next = static_cast<ShapeId>(numbers_.size());
  return numbers_.try_emplace(key.text(), next).first->second;
}

CapabilityTable::ShapeId CapabilityTable::shape_of(const Expr& expr) {
  const auto it = shapes_.find(&expr);
  if (it != shapes_.end()) return it->second;
  const auto literal = literal_of(expr);
  const ShapeId shape =
      literal ? Shaper{*this}(Literal{*literal}) : std::visit(Shaper{*this}, expr.node);
  shapes_.emplace(&expr, shape);
  return shape;
}

CapabilityTable::ShapeId CapabilityTable::attribute_shape(ShapeId target, std::string_view name) {
  return number(ShapeKey('.').part(target).part(name));
}

CapabilityId CapabilityTable::attribute(ShapeId target, std::string_view name) {
  return number(ShapeKey('@').part(target).part(name));
}

CapabilityId CapabilityTable::tag(ShapeId target, ShapeId tag) {
  return number(ShapeKey('#').part(target).part(tag));
}

void CapabilityTable::assume(const Capabilities& capabilities) {
  for (const CapabilityId capability : capabilities) {
    if (capability >= known_.size()) known_.resize(capability + 1);
    ++known_[capability];
  }
}

void CapabilityTable::forget(const Capabilities& capabilities) {
  for (const CapabilityId capability : capabilities) --known_[capability];
}

void add_all(Capabilities& to, const Capabilities& from) {
  to.insert(to.end(), from.begin(), from.end());
}

Capabilities common(const Capabilities& a, const Capabilities& b) {
  if (a.empty() || b.empty()) return {};
  Capabilities left = a;
  Capabilities right = b;
  std::ranges::sort(left);
  std::ranges::sort(right);
  Capabilities both;
  std::ranges::set_intersection(left, right, std::back_inserter(both));
  return both;
}

}  // namespace wardlock::cedar
