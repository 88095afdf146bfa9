#include "administration/gate.h"

#include <array>

namespace wardlock::administration {

std::string_view to_string(Deed deed) {
  static constexpr std::array<std::string_view, kDeeds> kNames = {"read",
                                                                  "readSensitive",
                                                                  "create",
                                                                  "change",
                                                                  "setState",
                                                                  "remove",
                                                                  "merge",
                                                                  "relate",
                                                                  "endRelation",
                                                                  "issueCredential",
                                                                  "revokeCredential",
                                                                  "import",
                                                                  "export",
                                                                  "readSessions",
                                                                  "endSessions",
                                                                  "recover",
                                                                  "breakGlass",
                                                                  "revokeGrant",
                                                                  "reviewGrant",
                                                                  "readAuthenticators",
                                                                  "endAuthenticators",
                                                                  "delegate",
                                                                  "readDelegations",
                                                                  "revokeDelegation",
                                                                  "readConsents",
                                                                  "enterConsent",
                                                                  "requestRole",
                                                                  "answerRequest",
                                                                  "readRequests",
                                                                  "requestApproval",
                                                                  "answerApproval"};
  return kNames.at(static_cast<std::size_t>(deed));
}

std::string_view to_string(ClientDeed deed) {
  static constexpr std::array<std::string_view, kClientDeeds> kNames = {
      "readClient",    "createClient",      "changeClient", "enableClient",
      "disableClient", "renewClientSecret", "removeClient", "registerClient"};
  return kNames.at(static_cast<std::size_t>(deed));
}

std::string_view to_string(PolicyDeed deed) {
  static constexpr std::array<std::string_view, kPolicyDeeds> kNames = {"readPolicies",
                                                                        "draftPolicy",
                                                                        "approvePolicy",
                                                                        "activatePolicy",
                                                                        "activatePolicyInEmergency",
                                                                        "rollBackPolicy",
                                                                        "reportPolicyNode",
                                                                        "forgetPolicyNode",
                                                                        "shadowPolicy"};
  return kNames.at(static_cast<std::size_t>(deed));
}

}  // namespace wardlock::administration
