#include "config/authentication_table.h"

#include <array>
#include <string_view>

#include "config/foreign_provider_table.h"
#include "config/setting_forms.h"

// A part of the table in all_settings.cc.

namespace wardlock::config {
namespace {

constexpr std::array<std::string_view, 2> kTooMany = {"end-oldest", "refuse"};

constexpr Setting kRelyingParty[] = {
    {.name = "id",
     .kind = Kind::kText,
     .about = "The domain that passkeys are made for, which is not changed later: they would be "
              "good for nothing. Without it the host of `public_url`, or `localhost`",
     .pattern = "[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?",
     .form = "a domain name in small letters, e.g. `st-mary.example`"},
    {.name = "name",
     .kind = Kind::kText,
     .about = "What browsers and authenticator apps call it",
     .fallback = "Wardlock",
     .pattern = "[^:\\x00-\\x1f]{1,64}",
     .form = "at most 64 characters without a colon"},
    {.name = "origins",
     .kind = Kind::kTexts,
     .about =
         "The pages that passkeys are used on. Without it `public_url`, or the listeners' ports "
         "of `localhost`",
     .fallback = "[]",
     .pattern = "https?://[A-Za-z0-9.\\[\\]:-]+",
     .form = "a scheme, a host and perhaps a port, e.g. `https://login.st-mary.example`"},
};

constexpr Setting kPassword[] = {
    {.name = "min_length",
     .kind = Kind::kNumber,
     .about = "Characters of a password that is the only factor",
     .fallback = "15",
     .least = 15,
     .most = 64},
    {.name = "min_length_with_second_factor",
     .kind = Kind::kNumber,
     .about = "Characters of a password beside another factor",
     .fallback = "8",
     .least = 8,
     .most = 64},
    {.name = "block_lists",
     .kind = Kind::kTexts,
     .about = "Files of passwords that are not taken, besides Wardlock's own list "
              "(docs/authenticators.md)",
     .fallback = "[]"},
    {.name = "words",
     .kind = Kind::kTexts,
     .about = "Words that no password is made of, such as the hospital's name",
     .fallback = "[]",
     .pattern = "[\\s\\S]{3,64}",
     .form = "3 to 64 characters"},
    {.name = "passes",
     .kind = Kind::kNumber,
     .about = "Passes of Argon2id over its memory",
     .fallback = "2",
     .least = 1,
     .most = 64},
    {.name = "memory",
     .kind = Kind::kSize,
     .about = "Memory of Argon2id; never below OWASP's floors for so many passes",
     .fallback = "19MiB",
     .least = 12 * kMib,
     .most = 1024 * kMib},
};

constexpr Setting kAttestation[] = {
    {.name = "anchors",
     .kind = Kind::kPath,
     .about = "Certificates of makers of authenticators, PEM: keys whose attestation leads to one "
              "are known to be hardware"},
    {.name = "required",
     .kind = Kind::kFlag,
     .about = "Only such keys are taken",
     .fallback = "false"},
};

constexpr Setting kEnvironment[] = {
    {.name = "networks",
     .kind = Kind::kTexts,
     .about =
         "Where its workstations are, e.g. `[10.20.0.0/16]`; of several that match the longest "
         "counts",
     .fallback = "[]",
     .pattern = "[0-9A-Fa-f.:/]{1,64}",
     .form = "a network, e.g. `10.20.0.0/16`"},
    {.name = "idle",
     .kind = Kind::kDuration,
     .about = "How long a session lasts that is not used; at most what NIST SP 800-63B-4 lets pass",
     .least = 60 * kSecond,
     .most = kHour},
    {.name = "overall",
     .kind = Kind::kDuration,
     .about = "How long a session lasts whatever is done with it",
     .least = 60 * kSecond,
     .most = kDay},
    {.name = "locks",
     .kind = Kind::kFlag,
     .about =
         "Unused for too long, a session is locked and opens again with a badge or PIN; else it "
         "ends"},
};

constexpr Setting kSessions[] = {
    {.name = "most_of_a_person",
     .kind = Kind::kNumber,
     .about = "How often somebody may be signed in at once",
     .fallback = "8",
     .least = 1,
     .most = 1000},
    {.name = "too_many",
     .kind = Kind::kText,
     .about = "What happens to who signs in once more than that",
     .fallback = "end-oldest",
     .words = kTooMany},
    {.name = "unlock_within",
     .kind = Kind::kDuration,
     .about = "How long after a full sign-in a badge or PIN opens what is locked: a shift",
     .fallback = "12h",
     .least = 60 * kSecond,
     .most = kDay},
};

constexpr Setting kWithoutDatabase[] = {
    {.name = "for",
     .kind = Kind::kDuration,
     .about = "How long after the database was last heard people may still sign in who did so here "
              "lately; `0s`: nobody may",
     .fallback = "1h",
     .least = 0,
     .most = kDay},
    {.name = "remember",
     .kind = Kind::kDuration,
     .about = "How long somebody's authenticators are remembered for that",
     .fallback = "12h",
     .least = 60 * kSecond,
     .most = 7 * kDay},
};

constexpr std::array<std::string_view, 7> kCertificateNames = {
    "upn", "email", "uuid", "fasc-n", "serial-number", "uid", "issuer-serial"};
constexpr char kOidPattern[] = "[0-2](\\.(0|[1-9][0-9]{0,18})){1,30}";
constexpr char kOidForm[] = "an object identifier, e.g. `2.16.840.1.101.3.2.1.3.13`";

constexpr Setting kEgress[] = {
    {.name = "origins",
     .kind = Kind::kTexts,
     .about = "Whom this server may ask at addresses that certificates and applications name, such "
              "as `https://app.example`: back-channel logout, OCSP, lists of revoked certificates, "
              "`providers`",
     .fallback = "[]",
     .pattern = "https?://[a-z0-9.\\[\\]:-]{1,260}",
     .form = "a scheme, a host in small letters and perhaps a port, e.g. `https://app.example`"},
    {.name = "networks",
     .kind = Kind::kTexts,
     .about = "Networks of your own where these may be; without it addresses of the Internet alone",
     .fallback = "[]",
     .pattern = "[0-9A-Fa-f.:/]{1,64}",
     .form = "a network, e.g. `10.0.0.0/8`"},
    {.name = "ca",
     .kind = Kind::kPath,
     .about = "Who may vouch for them, PEM; without it the system's authorities"},
    {.name = "timeout",
     .kind = Kind::kDuration,
     .about = "How long one request may take",
     .fallback = "10s",
     .least = kSecond,
     .most = 60 * kSecond},
};

constexpr Setting kCards[] = {
    {.name = "anchors",
     .kind = Kind::kPath,
     .about = "The authorities that issue the cards, PEM: beneath them everything counts",
     .is_required = true},
    {.name = "intermediates",
     .kind = Kind::kPath,
     .about = "Authorities between them and the cards, PEM, for clients that do not send them"},
    {.name = "url",
     .kind = Kind::kText,
     .about = "Where browsers reach the listener that asks for client certificates, of the host of "
              "`public_url`, e.g. `https://id.st-mary.example:8444`; without it all listeners "
              "that browsers come to ask",
     .pattern = "https://[a-z0-9.\\[\\]:-]{1,260}",
     .form = "a URL without a path, e.g. `https://id.st-mary.example:8444`"},
    {.name = "name",
     .kind = Kind::kText,
     .about = "What of a certificate says whose it is (docs/signing-in-with-certificates.md)",
     .fallback = "upn",
     .words = kCertificateNames},
    {.name = "realm",
     .kind = Kind::kText,
     .about = "What a `upn` or `email` must end with, and loses: `@st-mary.example`",
     .pattern = "@[a-z0-9.-]{1,253}",
     .form = "`@` and a domain in small letters"},
    {.name = "attribute",
     .kind = Kind::kText,
     .about = "What of a person it is compared with; without it the one that is usual for the name",
     .pattern = "[A-Za-z][A-Za-z0-9.]{0,127}",
     .form = "an attribute that can be searched for, or `facts.NAME`"},
    {.name = "usages",
     .kind = Kind::kTexts,
     .about = "Extended key usages one of which a certificate must have",
     .fallback = "[\"1.3.6.1.5.5.7.3.2\", \"1.3.6.1.4.1.311.20.2.2\"]",
     .pattern = kOidPattern,
     .form = kOidForm},
    {.name = "policies",
     .kind = Kind::kTexts,
     .about = "Certificate policies that say that the key is in a card with a PIN: such a card is "
              "two factors; others are one",
     .fallback = "[\"2.16.840.1.101.3.2.1.3.13\", \"2.16.840.1.101.3.2.1.3.18\"]",
     .pattern = kOidPattern,
     .form = kOidForm},
    {.name = "crl_files",
     .kind = Kind::kTexts,
     .about = "Files with lists of revoked certificates, which are followed as they are replaced",
     .fallback = "[]"},
    {.name = "fetch_crls",
     .kind = Kind::kFlag,
     .about = "Fetches the lists that certificates name (`egress`)",
     .fallback = "false"},
    {.name = "ocsp",
     .kind = Kind::kFlag,
     .about = "Asks the responders that certificates name, or `ocsp_url` (`egress`)",
     .fallback = "false"},
    {.name = "ocsp_url",
     .kind = Kind::kText,
     .about = "The responder that is asked instead of those that certificates name",
     .pattern = "https?://[!-~]{1,2000}",
     .form = "a URL"},
    {.name = "ocsp_nonce",
     .kind = Kind::kFlag,
     .about = "Answers must repeat the question's nonce",
     .fallback = "true"},
    {.name = "grace",
     .kind = Kind::kDuration,
     .about = "How long what was known last still counts where nothing newer is to be had; `0s`: "
              "whose status is not known is refused",
     .fallback = "0s",
     .least = 0,
     .most = 7 * kDay},
};

constexpr Setting kHashing[] = {
    {.name = "threads",
     .kind = Kind::kNumber,
     .about =
         "Threads that hash passwords, at low priority, so that decisions do not wait for them",
     .fallback = "1",
     .least = 1,
     .most = 64},
    {.name = "most_waiting",
     .kind = Kind::kNumber,
     .about = "How many requests may wait for them; more are told to come again (503)",
     .fallback = "64",
     .least = 4,
     .most = 10'000},
};

constexpr Setting kSoftwareIssuer[] = {
    {.name = "issuer",
     .kind = Kind::kText,
     .about = "`iss` of its statements, to the letter",
     .is_required = true,
     .pattern = "[!-~]{1,500}",
     .form = "a URL, e.g. `https://software.example`"},
    {.name = "keys",
     .kind = Kind::kPath,
     .about = "A file with its public keys, a JWK Set",
     .is_required = true},
};

}  // namespace

constinit const Setting kAuthentication[kAuthenticationSettings] = {
    {.name = "relying_party",
     .kind = Kind::kSection,
     .about = "For whom passkeys are made",
     .fallback = "{}",
     .settings = kRelyingParty},
    {.name = "password",
     .kind = Kind::kSection,
     .about = "Which passwords are taken, and how they are kept",
     .fallback = "{}",
     .settings = kPassword},
    {.name = "attestation",
     .kind = Kind::kSection,
     .about = "Whose security keys and passkeys are trusted",
     .fallback = "{}",
     .settings = kAttestation},
    {.name = "environments",
     .kind = Kind::kNamed,
     .about =
         "Where people sign in, by their networks. There are `bedside`, `office` and `remote`; "
         "what one of these does not say stays as it is",
     .fallback = "{}",
     .pattern = kNamePattern,
     .form = kNameForm,
     .settings = kEnvironment},
    {.name = "otherwise",
     .kind = Kind::kText,
     .about = "The environment of all other addresses",
     .fallback = "remote",
     .pattern = kNamePattern,
     .form = kNameForm},
    {.name = "sessions",
     .kind = Kind::kSection,
     .about = "How many, and what opens those that are locked",
     .fallback = "{}",
     .settings = kSessions},
    {.name = "without_database",
     .kind = Kind::kSection,
     .about = "Who gets in while the database is down",
     .fallback = "{}",
     .settings = kWithoutDatabase},
    {.name = "hashing",
     .kind = Kind::kSection,
     .about = "How much signing in may take of the machine",
     .fallback = "{}",
     .settings = kHashing},
    {.name = "egress",
     .kind = Kind::kSection,
     .about = "Whom this server may ask at addresses that others name; without it nobody",
     .fallback = "{}",
     .settings = kEgress},
    {.name = "cards",
     .kind = Kind::kSection,
     .about = "People sign in with smart cards and other certificates; without it they do not",
     .settings = kCards},
    {.name = "providers",
     .kind = Kind::kNamed,
     .about =
         "OpenID providers of others at which people sign in, such as the hospital's; by names "
         "that stand in addresses and in the log",
     .fallback = "{}",
     .pattern = kNamePattern,
     .form = kNameForm,
     .settings = kForeignProvider},
    {.name = "software_issuers",
     .kind = Kind::kNamed,
     .about = "Who vouches for programs that register as OAuth clients, by software statements "
              "(RFC 7591, 2.3); without one, none is taken",
     .fallback = "{}",
     .pattern = kNamePattern,
     .form = kNameForm,
     .settings = kSoftwareIssuer},
};

}  // namespace wardlock::config
