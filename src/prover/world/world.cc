#include "prover/world/world.h"

#include <fmt/format.h>

#include <algorithm>

#include "cedar/value/value.h"
#include "prover/world/values.h"

namespace wardlock::prover {
namespace {

std::string uid_text(const Party& party) {
  return fmt::format("{}::{}", party.type, cedar::quote(party.id));
}

}  // namespace

boost::json::object question_json(const World& world, const std::vector<std::string>& filled) {
  boost::json::object context = world.context;
  const auto is_filled = [&](std::string_view key) {
    return std::ranges::find(filled, key) != filled.end();
  };
  if (is_filled("now")) context["now"] = number_value(cedar::Kind::kDatetime, world.at);
  if (is_filled("authentication")) {
    context["authentication"] = {
        {"level", world.level},
        {"methods", boost::json::array(world.methods.begin(), world.methods.end())}};
  }
  boost::json::object out{{"principal", uid_text(world.principal)},
                          {"action", world.action},
                          {"resource", uid_text(world.resource)},
                          {"context", std::move(context)}};
  if (!world.fulfils.empty()) {
    out["fulfils"] = boost::json::array(world.fulfils.begin(), world.fulfils.end());
  }
  if (!world.grant.empty()) out["grant"] = world.grant;
  return out;
}

}  // namespace wardlock::prover
