#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "cedar/ast/expr.h"
#include "cedar/compiled/attribute_name.h"
#include "cedar/value/value.h"

namespace wardlock::cedar {

/// Where a value is kept while a program runs. The first four hold the variables, in the order of
/// Variable.
using Register = std::uint16_t;
inline constexpr Register kFirstFreeRegister = 4;

/// Where an instruction finds a value: a register, a constant of the program, or one of the
/// attributes that it reads.
class Operand {
 public:
  enum class Place : std::uint8_t { kRegister, kConstant, kAttribute };

  Operand() = default;
  Operand(Place place, std::uint32_t number)
      : bits_(number << 2 | static_cast<std::uint32_t>(place)) {}

  Place place() const { return static_cast<Place>(bits_ & 3); }
  bool is(Place place) const { return this->place() == place; }
  std::uint32_t number() const { return bits_ >> 2; }
  std::uint32_t bits() const { return bits_; }

  friend bool operator==(Operand, Operand) = default;

 private:
  std::uint32_t bits_ = 0;
};

/// One step of a program. Steps go forward only, so none is run twice for one policy. An operand
/// that has no value makes the step err, but for kPresent.
struct Instruction {
  enum class Op : std::uint8_t {
    // These ask, and go on at `if_true` or `if_false`.
    kTest,     ///< left is true
    kPresent,  ///< left is there; an attribute of a variable
    kEqual,
    kLess,
    kLessEqual,
    kIn,
    kContains,
    kContainsAll,
    kContainsAny,
    kIsEmpty,
    kHas,               ///< left has text list `detail`
    kHasTag,            ///< left.hasTag(right)
    kLike,              ///< left like text list `detail`
    kIs,                ///< left is of the type named `detail`
    kDecimalLess,       ///< left.lessThan(right)
    kDecimalLessEqual,  ///< left.lessThanOrEqual(right)
    kInRange,           ///< left.isInRange(right)
    kJump,              ///< goes on at `if_true`

    // These write `target` and go on with the next instruction.
    kCopy,       ///< left
    kAttribute,  ///< the attribute of left that is named `detail`
    kGetTag,     ///< left.getTag(right)
    kNegate,     ///< -left
    kAdd,
    kSubtract,
    kMultiply,
    kCall,       ///< extension function `detail` of left, or of left and right
    kNewSet,     ///< room for `detail` members, to be put there
    kPutMember,  ///< left becomes member `detail` of target
    kSet,        ///< target's members make a set
    kNewRecord,  ///< room for `detail` fields, to be put there
    kPutField,   ///< left becomes field `detail` of target, its name the one at `if_true`

    kError,  ///< there is no value, whatever the request
  };

  Op op;
  Register target = 0;
  Operand left = {}, right = {};
  std::uint32_t if_true = 0, if_false = 0;
  std::uint32_t detail = 0;  ///< which name, text list or function, or how many
};
static_assert(sizeof(Instruction) == 24);

/// Places in the code that stand for a policy's outcome.
inline constexpr std::uint32_t kConditionsHold = UINT32_MAX;
inline constexpr std::uint32_t kConditionsFail = UINT32_MAX - 1;

/// An attribute of the principal, action or resource, or a field of the context.
struct VariableAttribute {
  Variable variable;
  AttributeName name;
};

/// The conditions of all policies, flat. Borrows from the policies and the arena it was made with.
struct Program {
  std::vector<Instruction> code;
  std::vector<Value> constants;
  std::vector<VariableAttribute> attributes;  ///< distinct
  std::vector<AttributeName> names;           ///< of types, and of attributes read elsewhere
  std::vector<std::span<const std::string_view>> text_lists;
  std::uint32_t registers = kFirstFreeRegister;  ///< how many any policy needs
};

}  // namespace wardlock::cedar
