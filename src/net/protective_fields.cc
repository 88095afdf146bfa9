#include "net/protective_fields.h"

#include <algorithm>

namespace wardlock::net {

bool sets_field(const HttpResponse& response, std::string_view name) {
  return std::ranges::any_of(response.headers, [name](const ResponseHeaders::Field& field) {
    return equal_ignoring_case(field.name, name);
  });
}

}  // namespace wardlock::net
