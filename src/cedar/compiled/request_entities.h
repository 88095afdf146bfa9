#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "cedar/ast/expr.h"
#include "cedar/entities/entity_store.h"
#include "cedar/evaluator/evaluator.h"

namespace wardlock::cedar {

/// The entities that one decision needs, each looked up once, when it is first asked for. Shared by
/// everything that decides the same principal, action and resource, whatever the context. Borrows
/// the uids and what the view borrows. Not thread-safe.
class RequestEntities {
 public:
  RequestEntities(const Request& request, const EntityView& view)
      : view_(view), uids_{request.principal, request.action, request.resource} {
    // Comes while something else is done.
    view_.prefetch(*request.principal);
    view_.prefetch(*request.resource);
  }

  const EntityUid& uid(Variable variable) const { return *uids_[index(variable)]; }
  /// An equal one: the store's if the entity has been looked up, which is told from others of the
  /// store by its address.
  const EntityUid& known_uid(Variable variable) const {
    const Entity* entity = entities_[index(variable)];
    return entity == nullptr ? uid(variable) : *entity->uid();
  }

  /// The principal, action or resource; null if there is no such entity.
  const Entity* find(Variable variable) {
    const std::size_t i = index(variable);
    if (!is_known_[i]) look_up(i);
    return entities_[i];
  }

  /// Any entity; null if there is none.
  const Entity* find(const EntityUid& uid) {
    for (std::size_t i = 0; i < uids_.size(); ++i) {
      if (uids_[i] == &uid) return find(static_cast<Variable>(i));
    }
    return view_.find(uid);
  }

  /// Whether the entity, one of the view's, has `group` among its ancestors.
  bool has_ancestor(const Entity& entity, const EntityUid& group) const {
    return view_.has_ancestor(entity, group);
  }

  const EntityView& view() const { return view_; }

 private:
  static std::size_t index(Variable variable) { return static_cast<std::size_t>(variable); }
  void look_up(std::size_t i);

  EntityView view_;
  std::array<const EntityUid*, 3> uids_;  ///< in the order of Variable
  std::array<const Entity*, 3> entities_ = {};
  std::array<bool, 3> is_known_ = {};
};

}  // namespace wardlock::cedar
