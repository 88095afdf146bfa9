#include "cedar/partial/random_policy_for_test.h"

#include <fmt/format.h>

#include <set>

#include "cedar/value/value.h"

namespace wardlock::cedar {
namespace {

using Type = RandomPolicies::Type;

constexpr int kTypes = static_cast<int>(Type::kIp) + 1;

}  // namespace

std::string RandomPolicies::policy(std::string_view principal_type,
                                   std::string_view resource_type) {
  principal_type_ = principal_type;
  resource_type_ = resource_type;
  const std::string principal = pick({"principal", "principal", "principal",
                                      "principal in Group::\"g1\"", "principal == User::\"u1\"",
                                      "principal is User", "principal is User in Group::\"g2\""});
  const std::string action =
      pick({"action", "action", "action == Action::\"read\"", "action in Action::\"all\"",
            "action in [Action::\"read\", Action::\"write\"]"});
  const std::string resource = pick(
      {"resource", "resource", "resource", "resource in Folder::\"f1\"", "resource == Doc::\"d1\"",
       "resource is Doc", "resource is Doc in Folder::\"f2\"", "resource in Group::\"g1\""});
  std::string text =
      fmt::format("{} ({}, {}, {})", pick({"permit", "forbid"}), principal, action, resource);
  for (std::size_t i = below(3); i > 0; --i) {
    text +=
        fmt::format("\n{} {{ {} }}", pick({"when", "when", "unless"}), expression(Type::kBool, 4));
  }
  return text + ";";
}

std::string RandomPolicies::expression(Type type, int depth) {
  if (chance(30)) type = static_cast<Type>(below(kTypes));
  if (depth > 0 && chance(12)) {
    return fmt::format("(if {} then {} else {})", expression(Type::kBool, depth - 1),
                       expression(type, depth - 1), expression(type, depth - 1));
  }
  switch (type) {
    case Type::kBool: return "(" + boolean(depth) + ")";
    case Type::kLong: return longs(depth);
    case Type::kString: return texts(depth);
    case Type::kUser:
    case Type::kGroup:
    case Type::kDoc:
    case Type::kFolder: return entity(type, depth);
    case Type::kUsers:
    case Type::kStrings:
    case Type::kLongs: return set(type, depth);
    case Type::kSize:
      if (depth > 0 && chance(3)) {
        return fmt::format("{{width: {}, {}: {}}}", expression(Type::kLong, depth - 1),
                           pick({"height", "other"}), expression(Type::kLong, depth - 1));
      }
      return pick({"principal.size", "resource.size", "context.size", "principal.extra",
                   "resource.extra", "{width: 1}"});
    default: return extension(type, depth);
  }
}

std::string RandomPolicies::boolean(int depth) {
  if (depth == 0) {
    return pick({"true",
                 "false",
                 "context.ok",
                 "principal.active",
                 "resource.public",
                 "context has reason",
                 "context has on",
                 "principal has boss",
                 "resource has folder",
                 "resource has due",
                 "principal has nick",
                 "resource has title",
                 "principal has nothing",
                 "principal is User",
                 "resource is Doc",
                 "resource is Folder",
                 "principal has extra.height",
                 "resource has folder.owner",
                 "resource has folder.owner.name.x",
                 "principal has boss.boss.nick",
                 "context has on.folder.rank",
                 "resource has extra.height",
                 "User::\"u1\" has nick",
                 "context has nothing"});
  }
  switch (below(9)) {
    case 0:
    case 1:
      return fmt::format("({} && {})", expression(Type::kBool, depth - 1),
                         expression(Type::kBool, depth - 1));
    case 2:
      return fmt::format("({} || {})", expression(Type::kBool, depth - 1),
                         expression(Type::kBool, depth - 1));
    case 3: return fmt::format("!({})", expression(Type::kBool, depth - 1));
    case 4: return boolean(0);
    default: return relation(depth - 1);
  }
}

std::string RandomPolicies::binary(std::string_view op, Type type, int depth) {
  return fmt::format("({} {} {})", expression(type, depth), op, expression(type, depth));
}

std::string RandomPolicies::relation(int depth) {
  const auto method = [&](Type target, std::string_view name, Type argument) {
    return fmt::format("({}).{}({})", expression(target, depth), name, expression(argument, depth));
  };
  switch (below(20)) {
    case 0: return binary(pick({"==", "!="}), static_cast<Type>(below(kTypes)), depth);
    case 1: return binary(pick({"==", "!="}), Type::kUser, depth);
    case 2: return binary(pick({"==", "!="}), Type::kString, depth);
    case 3:
    case 4: return binary(pick({"<", "<=", ">", ">="}), Type::kLong, depth);
    case 5: return binary(pick({"<", "<="}), Type::kDatetime, depth);
    case 6: return binary(pick({"<", ">="}), Type::kDuration, depth);
    case 7: return method(Type::kDecimal, pick({"lessThan", "greaterThan"}), Type::kDecimal);
    case 8: return method(Type::kIp, "isInRange", Type::kIp);
    case 9: return method(Type::kUsers, "contains", Type::kUser);
    case 10: return method(Type::kStrings, "contains", Type::kString);
    case 11: return method(Type::kUsers, pick({"containsAll", "containsAny"}), Type::kUsers);
    case 12: return method(Type::kLongs, "contains", Type::kLong);
    case 13: return fmt::format("({}).isEmpty()", expression(Type::kUsers, depth));
    case 14: {
      const auto any = [&] {
        return expression(static_cast<Type>(static_cast<int>(Type::kUser) + below(4)), depth);
      };
      const std::string member = any();
      return fmt::format("({} in {})", member, any());
    }
    case 15:
      return fmt::format("({} in [{}, {}])", expression(Type::kUser, depth),
                         expression(Type::kGroup, depth), expression(Type::kUser, depth));
    case 16: return method(Type::kUser, "hasTag", Type::kString);
    case 17: return method(Type::kDoc, "hasTag", Type::kString);
    case 18:
      return fmt::format("({} like \"{}\")", expression(Type::kString, depth),
                         pick({"*", "a*", "*b*", "x"}));
    default:
      return fmt::format("({} is {} in {})",
                         expression(chance(2) ? Type::kUser : Type::kDoc, depth),
                         pick({"User", "Doc"}), expression(Type::kGroup, depth));
  }
}

/// A pattern made of a text: wildcards before, after or inside it, its own stars escaped.
std::string RandomPolicies::like(int depth) {
  std::string pattern = quote(text()).substr(1);
  pattern.pop_back();
  for (std::size_t at = pattern.find('*'); at != std::string::npos;
       at = pattern.find('*', at + 2)) {
    pattern.insert(at, "\\");
  }
  if (chance(2)) pattern += '*';
  if (chance(3)) pattern.insert(0, "*");
  return fmt::format("({} like \"{}\")", expression(Type::kString, depth), pattern);
}

std::string RandomPolicies::longs(int depth) {
  if (depth == 0 || chance(2)) {
    return pick({"0", "1", "7", "-3", "9223372036854775807", "principal.age", "resource.pages",
                 "context.level", "principal.rank", "resource.rank", "context.size.width",
                 "principal.size.height", "resource.extra.width"});
  }
  switch (below(4)) {
    case 0: return binary(pick({"+", "-", "*"}), Type::kLong, depth - 1);
    case 1: return fmt::format("-({})", expression(Type::kLong, depth - 1));
    case 2:
      return fmt::format("({}).getTag({})", expression(Type::kUser, depth - 1),
                         expression(Type::kString, depth - 1));
    default: return fmt::format("({}).width", expression(Type::kSize, depth - 1));
  }
}

std::string RandomPolicies::texts(int depth) {
  if (depth == 0 || chance(2)) {
    if (chance(3)) return quote(text());
    return pick({"principal.name", "resource.title", "context.reason", "principal.nick",
                 "resource.owner.name"});
  }
  if (chance(2)) return fmt::format("({}).name", expression(Type::kUser, depth - 1));
  return fmt::format("({}).getTag({})", expression(Type::kDoc, depth - 1),
                     expression(Type::kString, depth - 1));
}

std::string RandomPolicies::entity(Type type, int depth) {
  const bool is_plain = depth == 0 || chance(2);
  switch (type) {
    case Type::kUser:
      if (is_plain) {
        if (principal_type_ == "User" && chance(2)) return "principal";
        if (resource_type_ == "User" && chance(3)) return "resource";
        return pick({"User::\"u1\"", "User::\"u2\"", "User::\"ghost\"", "resource.owner",
                     "context.by", "principal"});
      }
      return fmt::format("({}).{}", expression(chance(2) ? Type::kUser : Type::kDoc, depth - 1),
                         pick({"boss", "owner"}));
    case Type::kGroup:
      return pick({"Group::\"g1\"", "Group::\"g2\"", "Group::\"ghost\"", "principal", "resource"});
    case Type::kDoc:
      if (resource_type_ == "Doc" && chance(2)) return "resource";
      return pick({"Doc::\"d1\"", "Doc::\"d2\"", "context.on", "resource"});
    default:
      if (is_plain)
        return pick({"Folder::\"f1\"", "Folder::\"f2\"", "resource.folder", "resource"});
      return fmt::format("({}).folder", expression(Type::kDoc, depth - 1));
  }
}

std::string RandomPolicies::set(Type type, int depth) {
  const Type member = type == Type::kUsers     ? Type::kUser
                      : type == Type::kStrings ? Type::kString
                                               : Type::kLong;
  if (depth > 0 && chance(3)) {
    return fmt::format("[{}, {}]", expression(member, depth - 1), expression(member, depth - 1));
  }
  // Empty, or of members of no one type.
  if (chance(8)) return pick({"[]", "[]", "[1, \"a\"]", "[{width: 1}, {width: 1, height: 2}]"});
  switch (type) {
    case Type::kUsers:
      return pick({"resource.editors", "principal.friends", "[User::\"u1\", User::\"u2\"]",
                   "[User::\"u2\"]", "resource.owner.friends"});
    case Type::kStrings: return pick({"resource.labels", "[\"a\", \"b\"]", "[\"x\"]"});
    default: return pick({"resource.numbers", "[1, 2]", "[7]"});
  }
}

std::string RandomPolicies::extension(Type type, int depth) {
  const bool is_plain = depth == 0 || chance(2);
  switch (type) {
    case Type::kDatetime:
      if (is_plain) {
        return pick({"datetime(\"2024-01-01\")", "context.now", "resource.due", "principal.since",
                     "datetime(\"nonsense\")"});
      }
      if (chance(2)) return fmt::format("({}).toDate()", expression(type, depth - 1));
      return fmt::format("({}).offset({})", expression(type, depth - 1),
                         expression(Type::kDuration, depth - 1));
    case Type::kDuration:
      if (is_plain) return pick({"duration(\"1h\")", "principal.shift", "duration(\"-3d\")"});
      if (chance(2)) {
        return fmt::format("({}).durationSince({})", expression(Type::kDatetime, depth - 1),
                           expression(Type::kDatetime, depth - 1));
      }
      return fmt::format("({}).toTime()", expression(Type::kDatetime, depth - 1));
    case Type::kDecimal:
      return pick({"decimal(\"1.5\")", "resource.price", "principal.score", "decimal(\"x\")",
                   "decimal(\"-0.5\")"});
    default:
      return pick({"ip(\"10.0.0.1\")", "ip(\"10.0.0.0/8\")", "context.from", "principal.home",
                   "resource.origin", "principal.home2"});
  }
}

std::string RandomEntities::uid(std::string_view type, std::string_view id) {
  return fmt::format(R"({{"type": "{}", "id": "{}"}})", type, id);
}

std::string RandomEntities::some(std::string_view type,
                                 std::initializer_list<std::string_view> ids) {
  return uid(type, draw_.pick(ids));
}

std::string RandomEntities::user() { return some("User", {"u1", "u2", "u3", "ghost"}); }

template <typename Item>
std::string RandomEntities::list(std::size_t most, Item item) {
  std::string out;
  std::set<std::string> seen;
  for (std::size_t i = draw_.below(most + 1); i > 0; --i) {
    if (const std::string next = item(); seen.insert(next).second) {
      out += (out.empty() ? "" : ", ") + next;
    }
  }
  return "[" + out + "]";
}

template <typename Value>
std::string RandomEntities::tags(Value value) {
  if (draw_.chance(3)) return "{}";
  return fmt::format("{{{}: {}}}", text(), value());
}

std::string RandomEntities::number() {
  return draw_.pick({"0", "1", "2", "7", "-3", "9223372036854775807", "-9223372036854775808"});
}

/// As JSON; texts hold no control characters.
std::string RandomEntities::text() {
  std::string out = "\"";
  for (const char c : draw_.text()) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

std::string RandomEntities::size() {
  return fmt::format(R"({{"width": {}{}}})", number(),
                     optional("height", [&] { return number(); }));
}
std::string RandomEntities::ip() {
  return draw_.pick({R"("10.0.0.1")", R"("10.0.0.0/8")", R"("::1")"});
}
std::string RandomEntities::date() {
  return draw_.pick(
      {R"("2024-01-01")", R"("2025-06-01T12:00:00.123Z")", R"("1969-12-31T23:00:00Z")"});
}
std::string RandomEntities::decimal() { return draw_.pick({R"("1.5")", R"("-0.5")"}); }

std::string RandomEntities::attributes(std::string_view type) {
  if (type == "Group") return fmt::format(R"({{"rank": {}}})", number());
  if (type == "Folder") return fmt::format(R"({{"owner": {}, "rank": {}}})", user(), number());
  if (type == "User") {
    return fmt::format(
        R"({{"name": {}, "age": {}, "active": {}, "friends": {}, "size": {}, "since": {},
            "shift": "1h", "score": {}, "home": {}{}{}{}}})",
        text(), number(), draw_.pick({"true", "false"}), list(2, [&] { return user(); }), size(),
        date(), decimal(), ip(), optional("boss", [&] { return user(); }),
        optional("nick", [&] { return text(); }), optional("extra", [&] { return size(); }));
  }
  return fmt::format(
      R"({{"owner": {}, "title": {}, "pages": {}, "public": {}, "editors": {}, "labels": {},
          "size": {}, "price": {}, "origin": {}, "numbers": {}{}{}{}}})",
      user(), text(), number(), draw_.pick({"true", "false"}), list(2, [&] { return user(); }),
      list(2, [&] { return text(); }), size(), decimal(), ip(), list(2, [&] { return number(); }),
      optional("folder", [&] { return some("Folder", {"f1", "f2"}); }),
      optional("extra", [&] { return size(); }), optional("due", [&] { return date(); }));
}

/// Only of later numbers, so that there is no cycle.
std::string RandomEntities::parents(std::string_view type, std::string_view id) {
  if (type == "Group") {
    return id == "g1" ? list(1, [&] { return some("Group", {"g2", "ghost"}); }) : "[]";
  }
  if (type == "Folder") return id == "f1" ? list(1, [&] { return uid("Folder", "f2"); }) : "[]";
  if (type == "User") return list(2, [&] { return some("Group", {"g1", "g2", "ghost"}); });
  return list(2, [&] {
    return draw_.chance(2) ? some("Folder", {"f1", "f2"}) : some("Group", {"g1", "g2"});
  });
}

RandomEntities::Parts RandomEntities::parts(std::string_view type, std::string_view id) {
  Parts out{attributes(type), "{}", parents(type, id)};
  if (type == "User") out.tags = tags([&] { return number(); });
  if (type == "Doc" || type == "Group") out.tags = tags([&] { return text(); });
  return out;
}

std::string RandomEntities::context() {
  return fmt::format(R"({{"level": {}, "from": {}, "now": {}, "ok": {}, "size": {}{}{}{}}})",
                     number(), ip(), date(), draw_.pick({"true", "false"}), size(),
                     optional("reason", [&] { return text(); }),
                     optional("on", [&] { return some("Doc", {"d1", "d2", "ghost"}); }),
                     optional("by", [&] { return user(); }));
}

}  // namespace wardlock::cedar
