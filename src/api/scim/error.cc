#include "api/scim/error.h"

#include <utility>

namespace wardlock::scim {

std::string_view to_string(ErrorType type) {
  switch (type) {
    case ErrorType::kInvalidFilter: return "invalidFilter";
    case ErrorType::kInvalidPath: return "invalidPath";
    case ErrorType::kInvalidSyntax: return "invalidSyntax";
    case ErrorType::kInvalidValue: return "invalidValue";
    case ErrorType::kMutability: return "mutability";
    case ErrorType::kNoTarget: return "noTarget";
    case ErrorType::kTooMany: return "tooMany";
  }
  return "invalidSyntax";
}

std::unexpected<ScimError> refuse(ErrorType type, std::string message) {
  return std::unexpected(ScimError{.type = type, .message = std::move(message)});
}

}  // namespace wardlock::scim
