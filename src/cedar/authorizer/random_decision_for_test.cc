#include "cedar/authorizer/random_decision_for_test.h"

#include <algorithm>
#include <array>
#include <limits>
#include <map>
#include <utility>

#include "base/check.h"

namespace wardlock::cedar {
namespace {

constexpr std::size_t kKinds = static_cast<std::size_t>(Kind::kIp) + 1;
constexpr std::array<std::string_view, 4> kTypes = {"User", "Group", "Hospital::Doc", "Action"};
constexpr std::array<std::string_view, 8> kIds = {"a", "b", "c", "d", "e", "f", "", "k\"\n"};
constexpr std::size_t kIdsOfEntities = 6;  ///< the others are never there

/// An attribute is mostly of its kind everywhere.
struct Named {
  Kind kind;
  std::string_view name;
};
constexpr std::array<Named, 16> kAttributes = {{{Kind::kBool, "active"},
                                                {Kind::kBool, "b"},
                                                {Kind::kLong, "level"},
                                                {Kind::kLong, "n"},
                                                {Kind::kString, "name"},
                                                {Kind::kString, "s"},
                                                {Kind::kEntity, "boss"},
                                                {Kind::kEntity, "owner"},
                                                {Kind::kSet, "members"},
                                                {Kind::kSet, "set"},
                                                {Kind::kRecord, "inner"},
                                                {Kind::kRecord, "r"},
                                                {Kind::kDecimal, "score"},
                                                {Kind::kDatetime, "since"},
                                                {Kind::kDuration, "shift"},
                                                {Kind::kIp, "home"}}};

}  // namespace

std::size_t Choices::below(std::size_t count) {
  std::size_t drawn = 0;
  for (std::size_t range = 1; range < count && !bytes_.empty(); range <<= 8) {
    drawn = drawn << 8 | bytes_.front();
    bytes_ = bytes_.subspan(1);
  }
  return count == 0 ? 0 : drawn % count;
}

RandomDecision::RandomDecision(std::span<const std::uint8_t> bytes)
    : choices_(bytes),
      request_{uid("User"), uid("Action"), uid("Hospital::Doc")},
      other_request_(request_) {
  if (choices_.chance(4)) request_.principal = uid();
  if (choices_.chance(4)) request_.resource = uid();
  if (choices_.chance(16)) request_.action = uid();
  make_policies();
  request_.context = Value::record(fields(4, 2));
  other_request_ = request_;
  other_request_.context = Value::record(fields(4, 2));
  entities_ = make_entities();
  other_entities_ = make_entities();
  make_overlay();
}

EntityStore RandomDecision::make_entities() {
  EntityStore::Builder builder;
  for (const std::string_view type : kTypes) {
    for (std::size_t i = 0; i < kIdsOfEntities; ++i) {
      if (choices_.chance(5)) continue;
      // Of later ids alone, so that there is no cycle; some of them are not there.
      std::vector<const EntityUid*> parents;
      const std::size_t one_in = choices_.pick<std::size_t>({4, 8, 2});
      for (std::size_t j = i + 1; j < kIds.size(); ++j) {
        for (const std::string_view of : kTypes) {
          if (choices_.chance(one_in)) parents.push_back(builder.intern(of, kIds[j]));
        }
      }
      const auto added = builder.add({.uid = builder.intern(type, kIds[i]),
                                      .attributes = fields(4, 2),
                                      .tags = tags(),
                                      .parents = arena_.copy(parents)});
      CHECK(added.has_value());
    }
  }
  auto store = std::move(builder).build();
  CHECK(store.has_value());
  return std::move(*store);
}

void RandomDecision::make_overlay() {
  for (const EntityUid* each : {request_.principal, request_.resource}) {
    if (!choices_.chance(3)) continue;
    overlay_.push_back(with_attributes(arena_, *each, fields(3, 2), entities_.find(*each)));
  }
}

void RandomDecision::make_policies() {
  const std::size_t count = choices_.chance(12) ? 65 + choices_.below(40) : 1 + choices_.below(8);
  for (std::size_t i = 0; i < count; ++i) {
    auto body = policy(i);
    const std::string id = body->id;
    const bool fills_principal = body->principal.has_slot();
    const bool fills_resource = body->resource.has_slot();
    CHECK(policies_.add(std::move(body)).has_value());
    for (std::size_t n = 1 + choices_.below(2); (fills_principal || fills_resource) && n > 0; --n) {
      const SlotValues values{.principal = fills_principal ? uid() : nullptr,
                              .resource = fills_resource ? uid() : nullptr};
      CHECK(policies_.link(id, id + "-" + std::to_string(n), values).has_value());
    }
  }
}

std::unique_ptr<Template> RandomDecision::policy(std::size_t number) {
  auto out = std::make_unique<Template>();
  out->id = "p" + std::to_string(number);
  out->effect = choices_.chance(3) ? Effect::kForbid : Effect::kPermit;
  out->principal = scope(true);
  out->action = action();
  out->resource = scope(true);
  out->conditions = conditions();
  return out;
}

ScopeConstraint RandomDecision::scope(bool may_have_slot) {
  using Op = ScopeConstraint::Op;
  ScopeConstraint out;
  out.op = choices_.pick(
      {Op::kAny, Op::kAny, Op::kAny, Op::kAny, Op::kIs, Op::kIn, Op::kIn, Op::kEqual, Op::kIsIn});
  if (out.op == Op::kIs || out.op == Op::kIsIn) {
    out.type = choices_.pick({kTypes[0], kTypes[1], kTypes[2], std::string_view("Ghost")});
  }
  const bool has_entity = out.op == Op::kIn || out.op == Op::kEqual || out.op == Op::kIsIn;
  if (has_entity && !(may_have_slot && choices_.chance(5))) out.entity = uid();
  return out;
}

ActionConstraint RandomDecision::action() {
  using Op = ActionConstraint::Op;
  ActionConstraint out;
  out.op = choices_.pick({Op::kAny, Op::kAny, Op::kEqual, Op::kIn, Op::kIn});
  if (out.op == Op::kAny) return out;
  out.is_list = out.op == Op::kIn && choices_.chance(2);
  std::vector<const EntityUid*> actions;
  for (std::size_t n = out.is_list ? choices_.below(4) : 1; n > 0; --n) {
    actions.push_back(choices_.chance(8) ? uid() : uid("Action"));
  }
  out.actions = arena_.copy(actions);
  return out;
}

std::span<const Condition> RandomDecision::conditions() {
  std::vector<Condition> out;
  for (std::size_t n = choices_.below(4); n > 0; --n) {
    out.push_back({choices_.chance(3), expr(Kind::kBool, 4)});
  }
  return arena_.copy(out);
}

const EntityUid* RandomDecision::uid(std::string_view type) {
  return make_uid(arena_, type, choices_.pick(std::span<const std::string_view>(kIds)));
}

const EntityUid* RandomDecision::uid() {
  return uid(choices_.pick(std::span<const std::string_view>(kTypes)));
}

std::string_view RandomDecision::text() {
  static constexpr std::array<std::string_view, 8> kTexts = {
      "a", "", "ab", "aab", "*", "a*b", "h\u00e4\u00e4", "abababababababababababababababab"};
  return choices_.pick(std::span<const std::string_view>(kTexts));
}

std::int64_t RandomDecision::number() {
  using Limits = std::numeric_limits<std::int64_t>;
  return choices_.pick<std::int64_t>({0, 1, 2, 3, -1, 86'400'000, Limits::max(), Limits::min()});
}

IpAddress RandomDecision::address() {
  IpAddress out{};
  out.bytes[0] = choices_.pick<std::uint8_t>({10, 127, 224});
  out.prefix = choices_.pick<std::uint8_t>({32, 8, 0});
  out.is_v6 = choices_.chance(4);
  return out;
}

Kind RandomDecision::kind() { return static_cast<Kind>(choices_.below(kKinds)); }

Value RandomDecision::value(Kind kind, int depth) {
  switch (kind) {
    case Kind::kBool: return Value::boolean(choices_.chance(2));
    case Kind::kLong: return Value::integer(number());
    case Kind::kString: return Value::string(text());
    case Kind::kEntity: return Value::entity(uid());
    case Kind::kSet: {
      std::vector<Value> members;
      const Kind common = depth > 0 ? this->kind() : Kind::kEntity;
      const std::size_t count = choices_.chance(8) ? choices_.below(30) : choices_.below(4);
      for (std::size_t i = 0; i < count; ++i) {
        members.push_back(value(choices_.chance(12) ? Kind::kLong : common, depth - 1));
      }
      return make_set(arena_, members);
    }
    case Kind::kRecord: return Value::record(depth > 0 ? fields(2, depth - 1) : fields(100, -1));
    case Kind::kDecimal: return Value::decimal(number());
    case Kind::kDatetime: return Value::datetime(number());
    case Kind::kDuration: return Value::duration(number());
    case Kind::kIp: return Value::ip(arena_.make<IpAddress>(address()));
  }
  return Value::boolean(false);
}

std::span<const Field> RandomDecision::fields(std::size_t one_missing_in, int depth) {
  std::vector<Field> out;
  for (const Named& each : kAttributes) {
    if (choices_.chance(one_missing_in)) continue;
    if (depth < 0 && (each.kind == Kind::kRecord || each.kind == Kind::kSet)) continue;
    const Kind kind = choices_.chance(16) ? Kind::kString : each.kind;
    out.push_back({each.name, value(kind, depth - 1)});
  }
  return make_record(arena_, out).as_record();
}

std::span<const Field> RandomDecision::tags() {
  std::map<std::string_view, Value> out;
  for (std::size_t n = choices_.below(4); n > 0; --n) {
    const std::string_view name = text();
    out.insert_or_assign(name, value(choices_.pick({Kind::kString, Kind::kLong, Kind::kSet}), 1));
  }
  std::vector<Field> list;
  for (const auto& [name, value] : out) list.push_back({name, value});
  return make_record(arena_, list).as_record();
}

std::string_view RandomDecision::name(Kind kind) {
  std::vector<std::string_view> names;
  for (const Named& each : kAttributes) {
    if (each.kind == kind) names.push_back(each.name);
  }
  return choices_.chance(16) ? "absent" : choices_.pick(std::span<const std::string_view>(names));
}

const Expr* RandomDecision::expr(Kind wanted, int depth) {
  if (choices_.chance(24)) wanted = kind();
  if (depth <= 0) return leaf(wanted);
  if (choices_.chance(12)) {
    return make(
        IfExpr{expr(Kind::kBool, depth - 1), expr(wanted, depth - 1), expr(wanted, depth - 1)});
  }
  switch (wanted) {
    case Kind::kBool: return boolean(depth - 1);
    case Kind::kLong: return arithmetic(depth - 1);
    case Kind::kSet: return set(depth - 1);
    case Kind::kRecord: return record(depth - 1);
    case Kind::kDecimal:
    case Kind::kDatetime:
    case Kind::kDuration:
    case Kind::kIp: return extension(wanted, depth - 1);
    default: return choices_.chance(2) ? attribute(wanted, depth - 1) : leaf(wanted);
  }
}

const Expr* RandomDecision::leaf(Kind wanted) {
  if (!choices_.chance(3)) {
    if (wanted == Kind::kEntity && choices_.chance(2)) {
      return make(choices_.pick({Variable::kPrincipal, Variable::kAction, Variable::kResource}));
    }
    if (wanted == Kind::kRecord && choices_.chance(2)) return make(Variable::kContext);
    return attribute(wanted, 0);
  }
  const bool is_literal = wanted == Kind::kBool || wanted == Kind::kLong ||
                          wanted == Kind::kString || wanted == Kind::kEntity;
  return is_literal ? make(Literal{value(wanted, 0)}) : constructor(wanted);
}

const Expr* RandomDecision::attribute(Kind wanted, int depth) {
  if (choices_.chance(12)) {
    return make(BinaryExpr{BinaryOp::kGetTag, expr(Kind::kEntity, depth),
                           make(Literal{Value::string(text())})});
  }
  const Expr* target = nullptr;
  if (depth > 0 && choices_.chance(3)) {
    target = expr(choices_.chance(2) ? Kind::kRecord : Kind::kEntity, depth - 1);
  } else {
    target = make(choices_.pick(
        {Variable::kPrincipal, Variable::kResource, Variable::kContext, Variable::kAction}));
  }
  return make(GetAttr{target, name(wanted)});
}

std::span<const Expr* const> RandomDecision::operands(std::size_t least, Kind wanted, int depth) {
  std::vector<const Expr*> out;
  for (std::size_t n = least + choices_.below(3); n > 0; --n) out.push_back(expr(wanted, depth));
  return arena_.copy(out);
}

const Expr* RandomDecision::boolean(int depth) {
  switch (choices_.below(8)) {
    case 0: return leaf(Kind::kBool);
    case 1: return make(AndExpr{operands(2, Kind::kBool, depth)});
    case 2: return make(OrExpr{operands(2, Kind::kBool, depth)});
    case 3: return make(UnaryExpr{UnaryOp::kNot, expr(Kind::kBool, depth)});
    case 4:
    case 5: return question(depth);
    default: return relation(depth);
  }
}

const Expr* RandomDecision::relation(int depth) {
  const auto of = [&](BinaryOp op, Kind left, Kind right) {
    const Expr* a = expr(left, depth);
    return make(BinaryExpr{op, a, expr(right, depth)});
  };
  switch (choices_.below(10)) {
    case 0:
    case 1: {
      const Kind both = kind();
      return of(choices_.chance(3) ? BinaryOp::kNotEqual : BinaryOp::kEqual, both, both);
    }
    case 2:
    case 3: {
      const Kind both = choices_.pick({Kind::kLong, Kind::kDatetime, Kind::kDuration});
      return of(choices_.pick({BinaryOp::kLess, BinaryOp::kLessEqual, BinaryOp::kGreater,
                               BinaryOp::kGreaterEqual}),
                both, both);
    }
    case 4:
    case 5: return of(BinaryOp::kIn, Kind::kEntity, Kind::kEntity);
    case 6: return of(BinaryOp::kIn, Kind::kEntity, Kind::kSet);
    case 7: return of(BinaryOp::kContains, Kind::kSet, kind());
    case 8:
      return of(choices_.chance(2) ? BinaryOp::kContainsAll : BinaryOp::kContainsAny, Kind::kSet,
                Kind::kSet);
    default: return of(BinaryOp::kHasTag, Kind::kEntity, Kind::kString);
  }
}

const Expr* RandomDecision::question(int depth) {
  switch (choices_.below(6)) {
    case 0: {
      std::vector<std::string_view> path;
      for (std::size_t n = choices_.below(3); n > 0; --n) {
        path.push_back(name(choices_.chance(2) ? Kind::kRecord : Kind::kEntity));
      }
      path.push_back(name(kind()));
      return make(HasAttr{expr(choices_.chance(2) ? Kind::kRecord : Kind::kEntity, depth),
                          arena_.copy(path)});
    }
    case 1: {
      std::vector<std::string_view> segments;
      for (std::size_t n = 1 + choices_.below(4); n > 0; --n) segments.push_back(text());
      return make(LikeExpr{expr(Kind::kString, depth), arena_.copy(segments)});
    }
    case 2:
    case 3: {
      const auto type = choices_.pick(std::span<const std::string_view>(kTypes));
      const Expr* target = expr(Kind::kEntity, depth);
      const Kind group = choices_.chance(3) ? Kind::kSet : Kind::kEntity;
      return make(IsExpr{target, type, choices_.chance(2) ? expr(group, depth) : nullptr});
    }
    case 4: return make(UnaryExpr{UnaryOp::kIsEmpty, expr(Kind::kSet, depth)});
    default: return extension(Kind::kBool, depth);
  }
}

const Expr* RandomDecision::arithmetic(int depth) {
  const auto op = choices_.pick({BinaryOp::kAdd, BinaryOp::kSubtract, BinaryOp::kMultiply});
  switch (choices_.below(5)) {
    case 0: return leaf(Kind::kLong);
    case 1: {
      const Expr* left = expr(Kind::kLong, depth);
      return make(BinaryExpr{op, left, expr(Kind::kLong, depth)});
    }
    case 2: return make(UnaryExpr{UnaryOp::kNegate, expr(Kind::kLong, depth)});
    case 3: return extension(Kind::kLong, depth);
    default: return attribute(Kind::kLong, depth);
  }
}

const Expr* RandomDecision::set(int depth) {
  if (choices_.chance(2)) return attribute(Kind::kSet, depth);
  const Kind member = choices_.chance(2) ? Kind::kEntity : kind();
  const std::size_t least = choices_.chance(10) ? 10 : 0;
  return make(SetExpr{operands(least, member, least > 0 ? 0 : depth)});
}

const Expr* RandomDecision::record(int depth) {
  if (choices_.chance(2)) return leaf(Kind::kRecord);
  std::vector<RecordEntry> entries;
  for (const Named& each : kAttributes) {
    if (choices_.chance(5)) entries.push_back({each.name, expr(each.kind, depth)});
  }
  std::ranges::sort(entries, {}, &RecordEntry::name);
  return make(RecordExpr{arena_.copy(entries)});
}

const Expr* RandomDecision::call(ExtensionFunction function,
                                 std::initializer_list<const Expr*> arguments) {
  std::vector<const Expr*> list(arguments);
  if (choices_.chance(30)) list.push_back(leaf(Kind::kString));
  if (choices_.chance(60)) list.clear();
  return make(ExtensionCall{function, arena_.copy(list)});
}

const Expr* RandomDecision::constructor(Kind wanted) {
  using enum ExtensionFunction;
  const auto of = [&](ExtensionFunction function, std::initializer_list<std::string_view> texts) {
    return call(function, {make(Literal{Value::string(choices_.pick(texts))})});
  };
  switch (wanted) {
    case Kind::kDecimal: return of(kDecimal, {"1.5", "-0.5", "922337203685477.5807", "x"});
    case Kind::kDatetime:
      return of(kDatetime, {"2024-01-01", "1969-12-31T23:00:00Z", "0000-01-01", "tomorrow"});
    case Kind::kDuration: return of(kDuration, {"1h", "-3d", "106751991167d", "1"});
    case Kind::kIp: return of(kIp, {"10.0.0.1", "10.0.0.0/8", "::1", "1.1.1"});
    case Kind::kSet: return make(SetExpr{operands(0, Kind::kEntity, 0)});
    default: return make(RecordExpr{});
  }
}

const Expr* RandomDecision::extension(Kind wanted, int depth) {
  using enum ExtensionFunction;
  const auto one = [&](ExtensionFunction function, Kind of) {
    return call(function, {expr(of, depth)});
  };
  const auto two = [&](ExtensionFunction function, Kind left, Kind right) {
    const Expr* a = expr(left, depth);
    return call(function, {a, expr(right, depth)});
  };
  switch (wanted) {
    case Kind::kBool:
      switch (choices_.below(4)) {
        case 0:
          return two(
              choices_.pick({kLessThan, kLessThanOrEqual, kGreaterThan, kGreaterThanOrEqual}),
              Kind::kDecimal, Kind::kDecimal);
        case 1: return one(choices_.pick({kIsIpv4, kIsIpv6, kIsLoopback, kIsMulticast}), Kind::kIp);
        default: return two(kIsInRange, Kind::kIp, Kind::kIp);
      }
    case Kind::kLong:
      return one(choices_.pick({kToMilliseconds, kToSeconds, kToMinutes, kToHours, kToDays}),
                 Kind::kDuration);
    case Kind::kDatetime:
      if (choices_.chance(3)) return two(kOffset, Kind::kDatetime, Kind::kDuration);
      if (choices_.chance(3)) return one(kToDate, Kind::kDatetime);
      break;
    case Kind::kDuration:
      if (choices_.chance(3)) return two(kDurationSince, Kind::kDatetime, Kind::kDatetime);
      if (choices_.chance(3)) return one(kToTime, Kind::kDatetime);
      break;
    default: break;
  }
  return choices_.chance(2) ? attribute(wanted, depth) : constructor(wanted);
}

}  // namespace wardlock::cedar
