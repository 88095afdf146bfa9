#include "prover/invariant/smaller_world.h"

#include <string>
#include <utility>
#include <vector>

#include "codec/json.h"

namespace wardlock::prover {
namespace {

using boost::json::object;

std::vector<std::string> keys_of(const object& from) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : from) keys.emplace_back(key);
  return keys;
}

/// Takes things out of a world, one at a time.
class Pruning {
 public:
  Pruning(World world, const std::function<bool(const World&)>& is_enough)
      : world_(std::move(world)), is_enough_(is_enough) {}

  World run(KnownEntities known) {
    bool is_changing = true;
    while (is_changing) {
      is_changing = prune_question();
      if (!known.must_stay) {
        is_changing |= prune_caller();
        is_changing |= prune_entities();
      }
      is_changing |= prune_fields();
    }
    return std::move(world_);
  }

 private:
  template <typename Change>
  bool attempt(Change change) {
    World other = world_;
    change(other);
    if (!is_enough_(other)) return false;
    world_ = std::move(other);
    return true;
  }

  bool prune_question() {
    bool is_changed = false;
    for (const std::string& key : keys_of(world_.context)) {
      is_changed |= attempt([&](World& world) { world.context.erase(key); });
    }
    for (std::size_t i = world_.methods.size(); i-- > 0;) {
      is_changed |= attempt([&](World& world) {
        world.methods.erase(world.methods.begin() + static_cast<std::ptrdiff_t>(i));
      });
    }
    if (world_.level > 0) {
      is_changed |= attempt([](World& world) { --world.level; });
    }
    if (!world_.grant.empty()) {
      is_changed |= attempt([](World& world) { world.grant.clear(); });
    }
    return is_changed;
  }

  /// What the one who asks can fulfil.
  bool prune_caller() {
    bool is_changed = false;
    for (std::size_t i = world_.fulfils.size(); i-- > 0;) {
      is_changed |= attempt([&](World& world) {
        world.fulfils.erase(world.fulfils.begin() + static_cast<std::ptrdiff_t>(i));
      });
    }
    return is_changed;
  }

  bool prune_entities() {
    bool is_changed = false;
    for (std::size_t i = world_.entities.size(); i-- > 0;) {
      is_changed |= attempt([&](World& world) {
        world.entities.erase(world.entities.begin() + static_cast<std::ptrdiff_t>(i));
      });
    }
    return is_changed;
  }

  bool prune_fields() {
    bool is_changed = false;
    for (std::size_t i = 0; i < world_.entities.size(); ++i) {
      const auto part = [i](World& world, std::string_view name) -> codec::Json& {
        return world.entities[i].as_object()[name];
      };
      for (const std::string_view name : {"attrs", "tags"}) {
        if (!world_.entities[i].as_object().contains(name)) continue;
        for (const std::string& key : keys_of(part(world_, name).as_object())) {
          is_changed |= attempt([&](World& world) { part(world, name).as_object().erase(key); });
        }
      }
      for (std::size_t p = part(world_, "parents").as_array().size(); p-- > 0;) {
        is_changed |= attempt([&](World& world) {
          auto& parents = part(world, "parents").as_array();
          parents.erase(parents.begin() + static_cast<std::ptrdiff_t>(p));
        });
      }
    }
    return is_changed;
  }

  World world_;
  const std::function<bool(const World&)>& is_enough_;
};

}  // namespace

World smaller(World world, KnownEntities known,
              const std::function<bool(const World&)>& is_enough) {
  return Pruning(std::move(world), is_enough).run(known);
}

}  // namespace wardlock::prover
