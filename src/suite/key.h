#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "codec/yaml.h"

namespace wardlock::suite {

/// What can be said in one kind of map of a suite: what the reader takes, and what the JSON Schema
/// for editors describes.
struct Key {
  std::string_view name;
  std::string_view schema;  ///< the JSON Schema of its value
  std::string_view description;
};

/// What makes up a question, what its answer must be, and whether it is asked: the keys of a test,
/// and the columns of a table.
enum class Field : std::uint8_t {
  kRequest,
  kPrincipal,
  kAction,
  kResource,
  kContext,
  kAuthentication,
  kFulfils,
  kGrant,
  kActor,
  kPep,
  kAt,
  kDecision,
  kCause,
  kPolicies,
  kObligations,
  kOverridePossible,
  kStepUp,
  kWithheld,
  kErrors,
  kRefusal,
  kSkip,
};
inline constexpr std::size_t kFieldCount = 21;
inline constexpr auto kFirstExpected = static_cast<std::size_t>(Field::kDecision);
inline constexpr auto kFirstOther = static_cast<std::size_t>(Field::kSkip);

/// All of them, in the order of `Field`.
std::span<const Key> field_keys();
std::span<const Key> asked_keys();     ///< the part of them that asks
std::span<const Key> expected_keys();  ///< the part of them that is expected
std::optional<Field> find_field(std::string_view name);

// The keys of each kind of map.
std::span<const Key> suite_keys();
std::span<const Key> group_keys();  ///< besides `asked_keys`
std::span<const Key> excuse_keys();
std::span<const Key> entity_keys();
std::span<const Key> described_keys();
std::span<const Key> action_keys();
std::span<const Key> authentication_keys();

/// What is given for each field; null: nothing. Borrows the nodes.
class Given {
 public:
  const codec::Yaml* operator[](Field field) const {
    return nodes_[static_cast<std::size_t>(field)];
  }
  void set(Field field, const codec::Yaml* node) { nodes_[static_cast<std::size_t>(field)] = node; }

  /// What `above` gives, else what this gives. Decision, cause and refusal are one word: whoever
  /// gives one of them gives all.
  Given under(const Given& above) const;

 private:
  std::array<const codec::Yaml*, kFieldCount> nodes_ = {};
};

}  // namespace wardlock::suite
