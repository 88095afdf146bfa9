#pragma once

#include <string>
#include <string_view>

#include "authn/certificate/card.h"
#include "base/error.h"
#include "directory/registry/registry.h"

namespace wardlock::authn {

/// What of a person in the directory a certificate's name is compared with, where nothing is said:
/// the principal with `userName`, the e-mail address with `emails.value`, the subject's serial
/// number with `employeeNumber`, and the others with a fact (`facts.cardUuid`, `facts.cardFascN`,
/// `facts.cardUserId`, `facts.cardIssuerAndSerial`).
std::string_view usual_attribute(CertificateName name);

/// The id of the person whose attribute at that path – a searchable one, or `facts.NAME` – has the
/// card's value. Errors: kNotFound, nobody's; kFailedPrecondition, it is several people's, or of
/// somebody who is not in force; kInvalidArgument, the attribute is none that can be asked for;
/// those of the store. Thread-safe.
Result<std::string> find_card_owner(const directory::Registry& registry, std::string_view tenant,
                                    const Card& card, std::string_view attribute);

}  // namespace wardlock::authn
