#include "directory/registry/thing.h"

#include <fmt/format.h>

#include "base/utf8.h"

namespace wardlock::directory {

std::string called(const Thing& thing) {
  const Schema& schema = schema_of(thing.kind);
  const codec::Json* name = thing.document.json().if_contains(calling_name(schema).name);
  if (thing.kind == Kind::kPatient || name == nullptr) return std::string(schema.name);
  return fmt::format("{} `{}`", schema.name, printable(std::string_view(name->get_string())));
}

}  // namespace wardlock::directory
