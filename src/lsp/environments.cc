#include "lsp/environments.h"

#include "cedar/validator/environment_index.h"

namespace wardlock::lsp {

std::vector<cedar::RequestEnvironment> first_environments(const cedar::Template& policy,
                                                          const cedar::Schema& schema,
                                                          std::size_t max) {
  const cedar::EnvironmentIndex index(schema);
  std::vector<cedar::RequestEnvironment> environments;
  for (const cedar::ActionType* action : index.actions(policy.action)) {
    const auto resources = index.admitted(policy.resource, action->resources);
    for (const std::string_view principal : index.admitted(policy.principal, action->principals)) {
      for (const std::string_view resource : resources) {
        if (environments.size() == max) return environments;
        environments.push_back({principal, action, resource});
      }
    }
  }
  return environments;
}

}  // namespace wardlock::lsp
