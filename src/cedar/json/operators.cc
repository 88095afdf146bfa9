#include "cedar/json/operators.h"

#include <algorithm>
#include <array>

namespace wardlock::cedar {
namespace {

// In the order of the enumerations.
constexpr std::array<std::string_view, 15> kBinaryKeys = {
    "==", "!=", "<",        "<=",          ">",           ">=",     "in",    "+",
    "-",  "*",  "contains", "containsAll", "containsAny", "getTag", "hasTag"};
constexpr std::array<std::string_view, 3> kUnaryKeys = {"!", "neg", "isEmpty"};
constexpr std::array<std::string_view, 4> kVariables = {"principal", "action", "resource",
                                                        "context"};

template <typename Enum, std::size_t n>
std::optional<Enum> find_in(const std::array<std::string_view, n>& keys, std::string_view key) {
  const auto it = std::ranges::find(keys, key);
  if (it == keys.end()) return std::nullopt;
  return static_cast<Enum>(it - keys.begin());
}

}  // namespace

std::string_view json_key(BinaryOp op) { return kBinaryKeys[static_cast<std::size_t>(op)]; }
std::string_view json_key(UnaryOp op) { return kUnaryKeys[static_cast<std::size_t>(op)]; }
std::string_view json_name(Variable variable) {
  return kVariables[static_cast<std::size_t>(variable)];
}

std::optional<BinaryOp> find_binary_op(std::string_view key) {
  return find_in<BinaryOp>(kBinaryKeys, key);
}
std::optional<UnaryOp> find_unary_op(std::string_view key) {
  return find_in<UnaryOp>(kUnaryKeys, key);
}
std::optional<Variable> find_variable(std::string_view name) {
  return find_in<Variable>(kVariables, name);
}

}  // namespace wardlock::cedar
