#pragma once

#include <cstddef>
#include <initializer_list>
#include <random>
#include <string>
#include <string_view>

namespace wardlock::cedar {

/// Draws policies over the schema below, mostly well typed: about one sub-expression in thirty is
/// of another type than its place wants. For tests of whatever takes policies apart.
class RandomPolicies {
 public:
  explicit RandomPolicies(unsigned seed) : random_(seed) {}

  static constexpr std::string_view kSchema = R"(
    type Size = { width: Long, height?: Long };
    entity Group in [Group] = { rank: Long } tags String;
    entity User in [Group] = {
      name: String, age: Long, active: Bool, boss?: User, friends: Set<User>, nick?: String,
      size: Size, since: datetime, shift: duration, score: decimal, home: ipaddr,
      home2?: ipaddr, extra?: Size,
    } tags Long;
    entity Folder in [Folder] = { owner: User, rank: Long };
    entity Doc in [Folder, Group] = {
      owner: User, title: String, pages: Long, public: Bool, editors: Set<User>,
      labels: Set<String>, folder?: Folder, size: Size, extra?: Size, due?: datetime,
      price: decimal, origin: ipaddr, numbers: Set<Long>,
    } tags String;
    action read, write appliesTo { principal: [User, Group], resource: [Doc, Folder, User], context: {
      level: Long, reason?: String, from: ipaddr, now: datetime, on?: Doc, by?: User, ok: Bool,
      size: Size,
    }};
    action batch in [all] appliesTo { principal: [User], resource: [Doc], context: {} };
    action all;
  )";

  enum class Type {
    kBool,
    kLong,
    kString,
    kUser,
    kGroup,
    kDoc,
    kFolder,
    kUsers,
    kStrings,
    kLongs,
    kSize,
    kDatetime,
    kDuration,
    kDecimal,
    kIp,
  };

  std::size_t below(std::size_t count) { return random_() % count; }
  bool chance(std::size_t one_in) { return below(one_in) == 0; }
  std::string pick(std::initializer_list<std::string_view> choices) {
    return std::string(choices.begin()[below(choices.size())]);
  }

  /// One policy, `permit` or `forbid`, without annotations.
  std::string policy(std::string_view principal_type, std::string_view resource_type);
  std::string expression(Type type, int depth);

 private:
  std::string boolean(int depth);
  std::string relation(int depth);
  std::string longs(int depth);
  std::string texts(int depth);
  std::string entity(Type type, int depth);
  std::string set(Type type, int depth);
  std::string extension(Type type, int depth);
  std::string binary(std::string_view op, Type type, int depth);

  std::mt19937 random_;
  std::string principal_type_;
  std::string resource_type_;
};

}  // namespace wardlock::cedar
