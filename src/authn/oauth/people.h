#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "authn/oauth/grant.h"
#include "authn/oauth/refusal.h"
#include "codec/json.h"
#include "storage/work.h"

namespace wardlock::oauth {

// What the directory knows of those about whom tokens speak, as it is now. All within the
// transaction of `work`.

/// Whether they may act at all. Refusal kInvalidGrant: there is no such thing, or it left, is
/// suspended, or was merged.
Answer<void> check_in_force(storage::Work& work, std::string_view tenant, std::string_view thing);

/// Whether it is an agent: a program that acts for people, and never as one of them. So is what is
/// not there any more: nobody knows better.
Answer<bool> is_agent(storage::Work& work, std::string_view tenant, std::string_view thing);

/// OpenID Connect Core, 5.1 and 5.4: what the scopes `profile`, `email` and `fhirUser` ask for.
Answer<boost::json::object> person_claims(storage::Work& work, std::string_view tenant,
                                          const Grant& grant);

/// SMART App Launch 2, 5: where the person is among the resources of the FHIR server that the
/// tokens are for; relative, where they are for none.
std::string fhir_user(const Grant& grant);

/// `extensions.ihe_iua` (IHE IUA, 3.71.4.2.2.1): what of it is known.
Answer<boost::json::object> iua_claims(storage::Work& work, std::string_view tenant,
                                       const Grant& grant, std::int64_t now_ms);

/// Whether the text may be a code of HL7's PurposeOfUse: `TREAT`, `ETREAT`, `BTG` …
bool is_purpose_of_use(std::string_view text);

}  // namespace wardlock::oauth
