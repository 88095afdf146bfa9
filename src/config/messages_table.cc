#include "config/messages_table.h"

#include <array>
#include <string_view>

#include "config/setting_forms.h"

// A part of the table in all_settings.cc.

namespace wardlock::config {
namespace {

constexpr std::array<std::string_view, 2> kTlsBeginnings = {"starttls", "at-once"};
constexpr std::array<std::string_view, 3> kDeviceCodes = {"off", "network", "telephone"};

constexpr Setting kSmtp[] = {
    {.name = "host",
     .kind = Kind::kText,
     .about = "The server that takes our mail, by the name that its certificate has",
     .is_required = true,
     .pattern = "[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?",
     .form = "a host name in small letters, e.g. `smtp.st-mary.example`"},
    {.name = "port",
     .kind = Kind::kNumber,
     .about = "Its port; without it 587, and 465 with `tls: at-once`",
     .least = 1,
     .most = 65535},
    {.name = "tls",
     .kind = Kind::kText,
     .about = "When TLS begins; without TLS nothing is sent",
     .fallback = "starttls",
     .words = kTlsBeginnings},
    {.name = "from",
     .kind = Kind::kText,
     .about = "The address that mail comes from",
     .is_required = true,
     .pattern = "[!-~]{3,254}",
     .form = "an address, e.g. `wardlock@st-mary.example`"},
    {.name = "from_name",
     .kind = Kind::kText,
     .about = "What is shown beside that address",
     .fallback = "Wardlock",
     .pattern = "[^\\x00-\\x1f\\x7f]{1,64}",
     .form = "at most 64 characters"},
    {.name = "user",
     .kind = Kind::kText,
     .about = "The name by which the server knows us; without it none is given",
     .pattern = "[!-~]{1,256}",
     .form = "at most 256 characters of ASCII without blanks"},
    {.name = "password_file",
     .kind = Kind::kPath,
     .about = "A file whose first line is that name's password (0600)"},
    {.name = "ca",
     .kind = Kind::kPath,
     .about = "Who may vouch for the server, PEM; without it the system's authorities"},
    {.name = "timeout",
     .kind = Kind::kDuration,
     .about = "How long one mail may take",
     .fallback = "30s",
     .least = kSecond,
     .most = 300 * kSecond},
};

constexpr Setting kWebhook[] = {
    {.name = "url",
     .kind = Kind::kText,
     .about = "Where messages are posted to, for a hospital's own messaging, pagers or telephones",
     .is_required = true,
     .pattern = "https?://[!-~]{1,2000}",
     .form = "a URL, e.g. `https://pager.st-mary.example/wardlock`"},
    {.name = "secret_file",
     .kind = Kind::kPath,
     .about = "A file with the secrets that posts are signed under, `whsec_…`, one a line (0600)",
     .is_required = true},
    {.name = "notices",
     .kind = Kind::kFlag,
     .about = "Notices that no mail can bring, as there is no `smtp` or the person has no address, "
              "go there",
     .fallback = "true"},
    {.name = "networks",
     .kind = Kind::kTexts,
     .about = "Networks of your own where it may be; without it addresses of the Internet alone",
     .fallback = "[]",
     .pattern = "[0-9A-Fa-f.:/]{1,64}",
     .form = "a network, e.g. `10.0.0.0/8`"},
    {.name = "ca",
     .kind = Kind::kPath,
     .about = "Who may vouch for it, PEM; without it the system's authorities"},
    {.name = "timeout",
     .kind = Kind::kDuration,
     .about = "How long one post may take",
     .fallback = "10s",
     .least = kSecond,
     .most = 60 * kSecond},
};

}  // namespace

constinit const Setting kMessages[kMessageSettings] = {
    {.name = "smtp",
     .kind = Kind::kSection,
     .about = "Mail; without it nobody gets any",
     .settings = kSmtp},
    {.name = "webhook",
     .kind = Kind::kSection,
     .about = "Posts to a system of yours; without it there are none",
     .settings = kWebhook},
    {.name = "device_codes",
     .kind = Kind::kText,
     .about =
         "Whether people may sign in with codes that `webhook` brings to their devices: over a "
         "`network`, or the `telephone`, which NIST SP 800-63B-4 restricts and of which people "
         "are warned",
     .fallback = "off",
     .words = kDeviceCodes},
    {.name = "contact",
     .kind = Kind::kText,
     .about =
         "What a notice tells whoever did not do what it is about, e.g. `Call the help desk at "
         "once: 030 1234.`; without it they are told to tell the help desk",
     .pattern = "[^\\x00-\\x1f\\x7f]{1,200}",
     .form = "at most 200 characters on one line"},
    {.name = "give_up_after",
     .kind = Kind::kDuration,
     .about = "How long it is tried to deliver a notice",
     .fallback = "2d",
     .least = 60 * kSecond,
     .most = 30 * kDay},
    {.name = "remind_before",
     .kind = Kind::kDuration,
     .about = "How long before an authenticator expires its owner is reminded",
     .fallback = "14d",
     .least = kHour,
     .most = 365 * kDay},
};

}  // namespace wardlock::config
