#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "cedar/ast/policy.h"
#include "cedar/entities/entity_store.h"
#include "crypto/seeded_hash.h"

namespace wardlock::cedar {

/// Numbers the types that scopes name, from 1 on. May be read by any thread while nothing is added.
/// Borrows the texts.
class TypeNumbers {
 public:
  std::uint32_t add(std::string_view type);
  /// 0: no scope names it.
  std::uint32_t find(std::string_view type) const;
  /// One more than the greatest number.
  std::size_t end() const { return types_.size() + 1; }

 private:
  std::vector<std::string_view> types_;
  std::unordered_map<std::string_view, std::uint32_t, crypto::SeededHash> numbers_;
};

/// What a scope demands of the principal, the action or the resource.
struct Demand {
  enum class Op : std::uint8_t { kAny, kEqual, kIn, kIs, kIsIn };
  Op op = Op::kAny;
  std::uint32_t type = 0;             ///< of kIs and kIsIn
  const EntityUid* entity = nullptr;  ///< of the others but kAny
};

/// A policy's scope, its slots filled and its types numbered.
struct Scope {
  Demand principal;
  Demand resource;
  /// kAny, or one of the actions is to be met: kEqual or kIn. Without any, nothing meets it.
  Demand::Op action_op = Demand::Op::kAny;
  std::uint32_t first_action = 0, action_count = 0;  ///< in Scopes
};

/// The scopes of all policies, in their order.
struct Scopes {
  std::vector<Scope> all;
  std::vector<const EntityUid*> actions;
  TypeNumbers types;

  std::span<const EntityUid* const> actions_of(const Scope& scope) const {
    return std::span(actions).subspan(scope.first_action, scope.action_count);
  }
};

/// Equal uids become one: that of `entities` (which may be null) if it has it, so that it is told
/// from others by its address. Borrows from the policies and from the entities.
Scopes scopes_of(std::span<const Policy> policies, const EntityStore* entities);

}  // namespace wardlock::cedar
