#include "api/authzen/weight.h"

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include "api/authzen/evaluation.h"

namespace wardlock::authzen {
namespace {

using boost::json::array;
using boost::json::object;
using Json = boost::json::value;

std::size_t weigh(const Json& json) {
  constexpr std::size_t kTextPerValue = 16;
  std::size_t weight = 1;
  if (const auto* text = json.if_string()) weight += text->size() / kTextPerValue;
  if (const array* list = json.if_array()) {
    for (const Json& item : *list) weight += weigh(item);
  }
  if (const object* members = json.if_object()) {
    for (const auto& [key, value] : *members) weight += weigh(value) + key.size() / kTextPerValue;
  }
  return weight;
}

}  // namespace

std::size_t weigh_shared(const object& request) {
  std::size_t weight = 0;
  for (const std::string_view key : {"subject", "action", "resource", "context"}) {
    if (const Json* value = find_member(request, key)) weight += weigh(*value);
  }
  return weight;
}

}  // namespace wardlock::authzen
