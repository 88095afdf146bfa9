#pragma once

#include <array>
#include <cstddef>
#include <initializer_list>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

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

  /// Texts that policies and entities hold, some of them in both.
  void use_texts(std::vector<std::string> texts) { texts_ = std::move(texts); }
  const std::string& text() { return texts_[below(texts_.size())]; }

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
  std::string like(int depth);
  std::string longs(int depth);
  std::string texts(int depth);
  std::string entity(Type type, int depth);
  std::string set(Type type, int depth);
  std::string extension(Type type, int depth);
  std::string binary(std::string_view op, Type type, int depth);

  std::mt19937 random_;
  std::vector<std::string> texts_ = {"a", "ab", ""};
  std::string principal_type_;
  std::string resource_type_;
};

/// Draws entities and contexts of the schema above, as JSON. References may dangle.
class RandomEntities {
 public:
  explicit RandomEntities(RandomPolicies& draw) : draw_(draw) {}

  static constexpr std::array<std::pair<std::string_view, std::string_view>, 9> kIds = {
      {{"Group", "g1"},
       {"Group", "g2"},
       {"User", "u1"},
       {"User", "u2"},
       {"User", "u3"},
       {"Folder", "f1"},
       {"Folder", "f2"},
       {"Doc", "d1"},
       {"Doc", "d2"}}};

  struct Parts {
    std::string attributes, tags, parents;
  };
  Parts parts(std::string_view type, std::string_view id);
  /// Of the actions but `batch`.
  std::string context();

  static std::string uid(std::string_view type, std::string_view id);

 private:
  template <typename Value>
  std::string optional(std::string_view name, Value value) {
    return draw_.chance(2) ? ", \"" + std::string(name) + "\": " + value() : "";
  }
  template <typename Item>
  std::string list(std::size_t most, Item item);
  template <typename Value>
  std::string tags(Value value);

  std::string some(std::string_view type, std::initializer_list<std::string_view> ids);
  std::string user();
  std::string number();
  std::string text();
  std::string size();
  std::string ip();
  std::string date();
  std::string decimal();
  std::string attributes(std::string_view type);
  std::string parents(std::string_view type, std::string_view id);

  RandomPolicies& draw_;
};

}  // namespace wardlock::cedar
