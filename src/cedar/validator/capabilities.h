#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "cedar/ast/expr.h"
#include "crypto/seeded_hash.h"

namespace wardlock::cedar {

/// A guard: that an expression's value has some attribute or tag.
using CapabilityId = std::uint32_t;

/// What is learned where an expression is true; no order, may hold one several times.
using Capabilities = std::vector<CapabilityId>;

/// Numbers the guards of one policy, so that `has` and the access it guards are recognized as being
/// about the same expression: they are where both read the same, layout apart. Not thread-safe.
class CapabilityTable {
 public:
  /// An expression, as far as it is the same as others.
  using ShapeId = std::uint32_t;

  ShapeId shape_of(const Expr& expr);
  /// The shape of `target.name`.
  ShapeId attribute_shape(ShapeId target, std::string_view name);

  CapabilityId attribute(ShapeId target, std::string_view name);
  CapabilityId tag(ShapeId target, ShapeId tag);

  /// Marks what is known in the part of the policy that is looked at.
  void assume(const Capabilities& capabilities);
  void forget(const Capabilities& capabilities);
  bool is_known(CapabilityId capability) const {
    return capability < known_.size() && known_[capability] > 0;
  }

 private:
  class ShapeKey;
  struct Shaper;
  ShapeId number(const ShapeKey& key);

  std::unordered_map<std::string, ShapeId, crypto::SeededHash> numbers_;
  std::unordered_map<const Expr*, ShapeId> shapes_;
  std::vector<std::uint32_t> known_;  ///< by capability: how many times it is assumed
};

/// The union, and what is in both.
void add_all(Capabilities& to, const Capabilities& from);
Capabilities common(const Capabilities& a, const Capabilities& b);

/// The value of what counts as a literal: one that is written, or `&&` and `||` over Boolean ones.
std::optional<Value> literal_of(const Expr& expr);

}  // namespace wardlock::cedar
