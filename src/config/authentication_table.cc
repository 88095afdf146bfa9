#include "config/authentication_table.h"

#include <array>
#include <string_view>

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
};

}  // namespace wardlock::config
