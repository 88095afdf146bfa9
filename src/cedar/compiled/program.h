#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "cedar/value/value.h"

namespace wardlock::cedar {

/// Where a value is kept while a program runs. The first four hold the variables, in the order of
/// Variable.
using Register = std::uint16_t;
inline constexpr Register kFirstFreeRegister = 4;

/// Where an instruction finds a value: in a register or among the program's constants.
class Operand {
 public:
  Operand() = default;
  static Operand in_register(Register place) { return Operand(place); }
  static Operand constant(std::size_t place) {
    return Operand(static_cast<std::uint32_t>(place) | kConstant);
  }

  bool is_constant() const { return (bits_ & kConstant) != 0; }
  std::uint32_t place() const { return bits_ & ~kConstant; }

 private:
  static constexpr std::uint32_t kConstant = 1U << 31;
  explicit Operand(std::uint32_t bits) : bits_(bits) {}

  std::uint32_t bits_ = 0;
};

/// One step of a program. Steps go forward only, so none is run twice for one policy.
struct Instruction {
  enum class Op : std::uint8_t {
    // These write `target` and go on with the next instruction.
    kCopy,               ///< left
    kAttribute,          ///< left.name
    kVariableAttribute,  ///< the same, left being the principal, action or resource
    kGetTag,             ///< left.getTag(right)
    kNegate,             ///< -left
    kAdd,
    kSubtract,
    kMultiply,
    kCall,       ///< an extension function of left, or of left and right
    kNewSet,     ///< room for `detail` members, to be put there
    kPutMember,  ///< left becomes member `detail` of target
    kSet,        ///< target's members make a set
    kNewRecord,  ///< room for `detail` fields, to be put there
    kPutField,   ///< left becomes field `detail` of target, its name the one at `if_true`

    // These ask, and go on at `if_true` or `if_false`.
    kTest,  ///< left is true
    kEqual,
    kLess,
    kLessEqual,
    kIn,
    kContains,
    kContainsAll,
    kContainsAny,
    kIsEmpty,
    kHas,     ///< left has text list `detail`
    kHasTag,  ///< left.hasTag(right)
    kLike,    ///< left like text list `detail`
    kIs,      ///< left is of the type named `detail`

    kJump,   ///< goes on at `if_true`
    kError,  ///< there is no value, whatever the request
  };

  Op op;
  Register target = 0;
  Operand left = {}, right = {};
  std::uint32_t if_true = 0, if_false = 0;
  std::uint32_t detail = 0;  ///< which attribute, text list or function, or how many
};
static_assert(sizeof(Instruction) == 24);

/// Places in the code that stand for a policy's outcome.
inline constexpr std::uint32_t kHolds = UINT32_MAX;
inline constexpr std::uint32_t kFails = UINT32_MAX - 1;

/// A name of an attribute or type, and where among an entity's attributes it is likely to be.
struct Name {
  std::string_view text;
  std::uint32_t slot = 0;
};

/// The conditions of all policies, flat. Borrows from the policies and the arena it was made with.
struct Program {
  std::vector<Instruction> code;
  std::vector<Value> constants;
  std::vector<Name> names;
  std::vector<std::span<const std::string_view>> text_lists;
  std::uint32_t registers = kFirstFreeRegister;  ///< how many any policy needs
};

}  // namespace wardlock::cedar
