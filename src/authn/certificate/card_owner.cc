#include "authn/certificate/card_owner.h"

#include <fmt/format.h>

namespace wardlock::authn {
namespace {

using directory::Comparison;
using directory::Condition;
using directory::Filter;

constexpr std::string_view kFacts = "facts.";

Filter filter_of(std::string_view attribute, const std::string& value) {
  if (!attribute.starts_with(kFacts)) {
    return {.parts = {Condition{std::string(attribute), Comparison::kEqual, value}}};
  }
  const std::string name(attribute.substr(kFacts.size()));
  Filter item{.connective = Filter::Connective::kItem,
              .path = "facts",
              .parts = {Condition{"name", Comparison::kEqual, name},
                        Condition{"text", Comparison::kEqual, value}}};
  return {.parts = {std::move(item)}};
}

}  // namespace

std::string_view usual_attribute(CertificateName name) {
  switch (name) {
    case CertificateName::kPrincipal: return "userName";
    case CertificateName::kEmail: return "emails.value";
    case CertificateName::kUuid: return "facts.cardUuid";
    case CertificateName::kFascN: return "facts.cardFascN";
    case CertificateName::kSerialNumber: return "employeeNumber";
    case CertificateName::kUserId: return "facts.cardUserId";
    case CertificateName::kIssuerAndSerial: return "facts.cardIssuerAndSerial";
  }
  __builtin_unreachable();
}

Result<std::string> find_card_owner(const directory::Registry& registry, std::string_view tenant,
                                    const Card& card, std::string_view attribute) {
  const directory::Page page =
      TRY(registry.list(tenant, directory::Kind::kPerson,
                        {.filter = filter_of(attribute, card.value()), .count = 2}));
  if (page.things.empty()) {
    return fail(ErrorCode::kNotFound,
                fmt::format("no person has the certificate's name in `{}`", attribute));
  }
  // Whoever left counts, too: nobody is to come in by what was another's.
  if (page.things.size() > 1) {
    return fail(ErrorCode::kFailedPrecondition,
                fmt::format("several people have the certificate's name in `{}`", attribute));
  }
  if (page.things.front().state != "active") {
    return fail(ErrorCode::kFailedPrecondition, "the certificate's person is not in force");
  }
  return page.things.front().id;
}

}  // namespace wardlock::authn
