#include "config/foreign_provider_table.h"

#include <array>
#include <string_view>

#include "config/setting_forms.h"

// A part of the table in all_settings.cc.

namespace wardlock::config {
namespace {

constexpr std::array<std::string_view, 3> kLevels = {"aal1", "aal2", "aal3"};
constexpr std::array<std::string_view, 4> kRsaAlgorithms = {"RS256", "PS256", "PS384", "PS512"};
constexpr std::array<std::string_view, 2> kWhoLinks = {"people", "administrators"};
constexpr char kScopePattern[] = "[!#-\\[\\]-~]{1,256}";
constexpr char kScopeForm[] = "one word, e.g. `openid`";

}  // namespace

constinit const Setting kForeignProvider[kForeignProviderSettings] = {
    {.name = "tenant",
     .kind = Kind::kText,
     .about = "Whose people sign in there; needed where there are several tenants",
     .pattern = "[a-z0-9-]{1,64}",
     .form = "a tenant's name"},
    {.name = "label",
     .kind = Kind::kText,
     .about = "What it is called on the pages, e.g. `St. Mary’s account`",
     .is_required = true,
     .pattern = "[^\\x00-\\x1f]{1,64}",
     .form = "at most 64 characters"},
    {.name = "issuer",
     .kind = Kind::kText,
     .about = "As it calls itself, to the letter; its origin must be one of `egress.origins`",
     .is_required = true,
     .pattern = "https?://[!-~]{1,500}",
     .form = "a URL, e.g. `https://login.st-mary.example/realm`"},
    {.name = "client_id",
     .kind = Kind::kText,
     .about = "What it calls Wardlock",
     .is_required = true,
     .pattern = "[ -~]{1,512}",
     .form = "at most 512 characters of ASCII"},
    {.name = "secret_file",
     .kind = Kind::kPath,
     .about = "A file whose first line is the secret that it gave Wardlock (0600)",
     .is_required = true},
    {.name = "scopes",
     .kind = Kind::kTexts,
     .about = "What it is asked for; `openid` is enough",
     .fallback = "[\"openid\"]",
     .pattern = kScopePattern,
     .form = kScopeForm},
    {.name = "acr_values",
     .kind = Kind::kTexts,
     .about = "Which `acr` it is asked for, the dearest first",
     .fallback = "[]",
     .pattern = kScopePattern,
     .form = kScopeForm},
    {.name = "acr",
     .kind = Kind::kTextMap,
     .about = "What an `acr` of its is believed to be, e.g. `{loa2: aal2}`; what is not here is "
              "`aal1`",
     .fallback = "{}",
     .words = kLevels},
    {.name = "amr",
     .kind = Kind::kTextMap,
     .about = "The same for methods that are all in its `amr`, with a blank between them, e.g. "
              "`{otp pwd: aal2}`",
     .fallback = "{}",
     .words = kLevels},
    {.name = "max_age",
     .kind = Kind::kDuration,
     .about = "So long ago somebody may have signed in there; then they are asked again",
     .fallback = "12h",
     .least = 60 * kSecond,
     .most = 7 * kDay},
    {.name = "rsa_algorithm",
     .kind = Kind::kText,
     .about = "What its RSA keys are for that do not say so themselves",
     .fallback = "RS256",
     .words = kRsaAlgorithms},
    {.name = "linked_by",
     .kind = Kind::kText,
     .about = "Who says whose an account there is: the people themselves, once they have signed in "
              "or were invited, or administrators alone",
     .fallback = "people",
     .words = kWhoLinks},
};

}  // namespace wardlock::config
