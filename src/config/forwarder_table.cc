#include "config/forwarder_table.h"

#include <array>
#include <string_view>

// A part of the table in all_settings.cc.

namespace wardlock::config {
namespace {

constexpr std::int64_t kSecond = 1000;
constexpr std::int64_t kHour = 3600 * kSecond;
constexpr std::int64_t kMib = std::int64_t{1024} * 1024;

constexpr char kUrlPattern[] = R"(https?://[A-Za-z0-9.\[\]:-]+(/[!-~]*)?)";
constexpr char kWordPattern[] = "[a-z_]{1,40}";
constexpr char kClassPattern[] = "[a-z-]{1,32}";
constexpr char kTenantPattern[] = "[a-z0-9-]{1,64}";

constexpr std::array<std::string_view, 5> kTypes = {"syslog-tls", "syslog-tcp", "file", "fhir",
                                                    "webhook"};
constexpr std::array<std::string_view, 2> kFramings = {"octet-counting", "line-feed"};
constexpr std::array<std::string_view, 3> kPersons = {"masked", "open", "sealed"};
constexpr std::array<std::string_view, 2> kStarts = {"beginning", "now"};
constexpr std::array<std::string_view, 3> kOutcomes = {"success", "failure", "error"};

constexpr Setting kTls[] = {
    {.name = "ca",
     .kind = Kind::kPath,
     .about = "Certificates of the authorities that vouch for the receiver, PEM; without it the "
              "system's"},
    {.name = "certificate",
     .kind = Kind::kPath,
     .about = "The certificate that is shown to the receiver, and its chain, PEM; without it none"},
    {.name = "key", .kind = Kind::kPath, .about = "Its private key, PEM"},
};

constexpr Setting kSelect[] = {
    {.name = "kinds",
     .kind = Kind::kTexts,
     .about = "Kinds of events, e.g. `[decision, override_use]`",
     .fallback = "[]",
     .pattern = kWordPattern,
     .form = "a kind of event, e.g. `decision`"},
    {.name = "outcomes",
     .kind = Kind::kTexts,
     .about = "How they ended",
     .fallback = "[]",
     .words = kOutcomes},
    {.name = "classes",
     .kind = Kind::kTexts,
     .about = "Classes of action",
     .fallback = "[]",
     .pattern = kClassPattern,
     .form = "a class, in lowercase letters and hyphens"},
    {.name = "tenants",
     .kind = Kind::kTexts,
     .about = "Organisations",
     .fallback = "[]",
     .pattern = kTenantPattern,
     .form = "a tenant's name"},
};

constexpr Setting kOverlap[] = {
    {.name = "time",
     .kind = Kind::kDuration,
     .about = "What was sent within that time",
     .fallback = "10s",
     .least = kSecond,
     .most = 24 * kHour},
    {.name = "records",
     .kind = Kind::kNumber,
     .about = "And at least so many records",
     .fallback = "100",
     .least = 0,
     .most = 10'000'000},
};

constexpr Setting kRetry[] = {
    {.name = "tries",
     .kind = Kind::kNumber,
     .about = "So often is an event sent that the receiver refuses, before it is set aside",
     .fallback = "5",
     .least = 1,
     .most = 1000},
    {.name = "longest_wait",
     .kind = Kind::kDuration,
     .about = "Between two tries, which are twice as far apart each time",
     .fallback = "60s",
     .least = 10,
     .most = kHour},
    {.name = "timeout",
     .kind = Kind::kDuration,
     .about = "Of a connection, a confirmation, an answer",
     .fallback = "30s",
     .least = 10,
     .most = kHour},
};

}  // namespace

constinit const Setting kForwarder[kForwarderSettings] = {
    {.name = "type",
     .kind = Kind::kText,
     .about = "Who receives: `syslog-tls` (RFC 5425), `syslog-tcp` (RFC 6587), a `file`, a `fhir` "
              "server, or whoever takes a signed POST (`webhook`)",
     .is_required = true,
     .words = kTypes},
    {.name = "address",
     .kind = Kind::kText,
     .about = "Of syslog: host and port",
     .pattern = R"((\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+):[0-9]{1,5})",
     .form = "a host and a port, e.g. `siem.example.org:6514`"},
    {.name = "url",
     .kind = Kind::kText,
     .about = "Of a webhook, or the base of a FHIR server; without `https:` this machine only",
     .pattern = kUrlPattern,
     .form = "a URL, e.g. `https://fhir.example.org/r4`"},
    {.name = "path", .kind = Kind::kPath, .about = "Of a file, which is made where it is missing"},
    {.name = "format",
     .kind = Kind::kText,
     .about = "How events are written, as `wardlock audit export --format` has it; of syslog its "
              "MSG. Without it `line` in syslog, `fhir` for a FHIR server, else `ndjson`",
     .pattern = "[a-z0-9-]{1,32}",
     .form = "the name of a format"},
    {.name = "persons",
     .kind = Kind::kText,
     .about = "What says who and whose: `masked` field by field, `open`, or `sealed`: left out",
     .fallback = "masked",
     .words = kPersons},
    {.name = "select",
     .kind = Kind::kSection,
     .about = "Which events are sent; a list that is empty leaves none out",
     .fallback = "{}",
     .settings = kSelect},
    {.name = "tls",
     .kind = Kind::kSection,
     .about = "Whom it trusts, and what it shows; TLS 1.2 and later",
     .fallback = "{}",
     .settings = kTls},
    {.name = "server_name",
     .kind = Kind::kText,
     .about = "What the syslog receiver's certificate must hold, where that is not its address",
     .pattern = "[A-Za-z0-9.:-]{1,253}",
     .form = "a host's name or an IP address"},
    {.name = "framing",
     .kind = Kind::kText,
     .about = "Of `syslog-tcp`; `line-feed` is for receivers that know nothing better",
     .fallback = "octet-counting",
     .words = kFramings},
    {.name = "facility",
     .kind = Kind::kNumber,
     .about = "Of syslog messages; 10 is security and authorization",
     .fallback = "10",
     .least = 0,
     .most = 23},
    {.name = "structured_data",
     .kind = Kind::kText,
     .about = "The name of our structured data in syslog, with your private enterprise number",
     .fallback = "wardlock@32473",
     .pattern = "[!-~]{1,32}",
     .form = "a name and a number, e.g. `wardlock@32473`"},
    {.name = "proxy",
     .kind = Kind::kText,
     .about = "Through which a URL is asked; none is taken from the environment",
     .pattern = kUrlPattern,
     .form = "a URL, e.g. `http://proxy.example.org:3128`"},
    {.name = "token",
     .kind = Kind::kPath,
     .about = "A file with the bearer token that is sent to a URL"},
    {.name = "secret",
     .kind = Kind::kPath,
     .about = "A file with the secret that a webhook is signed with (`whsec_…`); two lines while "
              "one is being replaced"},
    {.name = "size",
     .kind = Kind::kSize,
     .about = "A file that large gets a number at the end of its name, and another one is begun; "
              "`0`: never",
     .fallback = "0",
     .least = 0,
     .most = 1024 * kMib},
    {.name = "batch",
     .kind = Kind::kNumber,
     .about = "So many events at once at most; without it 1 by HTTP, else 256. More than one are "
              "a Bundle for a FHIR server, and NDJSON for a webhook",
     .least = 1,
     .most = 1000},
    {.name = "start",
     .kind = Kind::kText,
     .about = "Where a new forwarder begins: with the log, or with what comes from now on",
     .fallback = "beginning",
     .words = kStarts},
    {.name = "overlap",
     .kind = Kind::kSection,
     .about = "What is sent again when a syslog connection broke, since its receiver may have lost "
              "it; events keep their ids",
     .fallback = "{}",
     .settings = kOverlap},
    {.name = "retry",
     .kind = Kind::kSection,
     .about = "What happens when the receiver does not take an event",
     .fallback = "{}",
     .settings = kRetry},
};

}  // namespace wardlock::config
