#include "config/audit_table.h"

#include <array>
#include <string_view>

#include "config/forwarder_table.h"
#include "config/setting_forms.h"

// A part of the table in all_settings.cc.

namespace wardlock::config {
namespace {

constexpr std::array<std::string_view, 3> kOnFailure = {"deny", "spool", "proceed"};

constexpr Setting kSpool[] = {
    {.name = "directory",
     .kind = Kind::kPath,
     .about = "Where it is; without it beside the log. On another disk it survives the log's"},
    {.name = "size",
     .kind = Kind::kSize,
     .about = "Claimed when the server starts; `0`: there is none",
     .fallback = "16MiB",
     .least = 0,
     .most = 1024 * kMib},
};

constexpr Setting kWitness[] = {
    {.name = "name",
     .kind = Kind::kText,
     .about = "What it is called in the log and the metrics",
     .is_required = true,
     .pattern = kNamePattern,
     .form = kNameForm},
    {.name = "url",
     .kind = Kind::kText,
     .about = "Its submission prefix; checkpoints are posted to `add-checkpoint` below it",
     .is_required = true,
     .pattern = "https?://[!-~]{1,500}",
     .form = "a URL, e.g. `https://witness.example.org/w1`"},
    {.name = "key",
     .kind = Kind::kText,
     .about = "What it signs with, a line that begins with its name: `name+id+base64`",
     .is_required = true},
    {.name = "ca",
     .kind = Kind::kPath,
     .about = "The authorities that vouch for its server, PEM; without it the system's"},
};

}  // namespace

constinit const Setting kAudit[kAuditSettings] = {
    {.name = "directory",
     .kind = Kind::kPath,
     .about = "The log's folder; made where it is missing",
     .is_required = true},
    {.name = "keys",
     .kind = Kind::kPath,
     .about = "The folder of the key that signs the log and of the keys that seal what it holds of "
              "persons and patients; without it `keys` in the log's folder. Keep it elsewhere, and "
              "back it up elsewhere: who has both reads everything"},
    {.name = "origin",
     .kind = Kind::kText,
     .about = "The log's name, unique in the world and never changed; without it one is drawn when "
              "the log is made",
     .pattern = "[A-Za-z0-9._/-]{1,200}",
     .form = "letters, digits and `._/-`, at most 200, e.g. `wardlock.example.org/st-mary/audit`"},
    {.name = "node",
     .kind = Kind::kText,
     .about = "What this server is called in records; without it its host's name",
     .pattern = kIdPattern,
     .form = kIdForm},
    {.name = "on_failure",
     .kind = Kind::kTextMap,
     .about =
         "For each class of action (`@audit` in the schema) what is done while the log can't be "
         "written: `deny` answers 503, `spool` answers from a spool of bounded size and then "
         "503, `proceed` answers without a record. `otherwise` is for all other classes, and "
         "is `deny` unless it is said here",
     .fallback = "{}",
     .words = kOnFailure},
    {.name = "unawaited",
     .kind = Kind::kTexts,
     .about = "Classes of action whose answers do not wait until their record is on disk",
     .fallback = "[]",
     .pattern = "[a-z-]{1,32}",
     .form = "a class, in lowercase letters and hyphens"},
    {.name = "trusted_tenants",
     .kind = Kind::kTexts,
     .about = "Of several tenants, those whose schemas may put actions into classes for which "
              "`on_failure` is less strict than `otherwise`, or which are `unawaited`. For others "
              "the stricter of the class and `otherwise` counts, and every answer waits. Where "
              "there is one tenant it is trusted",
     .fallback = "[]",
     .pattern = kIdPattern,
     .form = "a tenant's name"},
    {.name = "spool",
     .kind = Kind::kSection,
     .about = "Keeps records while the log can't be written",
     .fallback = "{}",
     .settings = kSpool},
    {.name = "immutable",
     .kind = Kind::kFlag,
     .about =
         "Files of the log that are full are kept from being changed by the filesystem too, "
         "where it can and the server may; `chattr -i` lifts it. `false`: by their permissions "
         "alone",
     .fallback = "true"},
    {.name = "segment",
     .kind = Kind::kSize,
     .about = "The size of the files the log is made of; the next one is always claimed ahead",
     .fallback = "64MiB",
     .least = kMib,
     .most = 1024 * kMib},
    {.name = "retention",
     .kind = Kind::kTextMap,
     .about = "For each class of action how long its records are kept at least, in years: `6y` to "
              "`99y`. `otherwise` is for all other classes, and is `6y` unless it is said here. "
              "`wardlock "
              "audit retain` removes what is older; without this setting it removes nothing",
     .fallback = "{}",
     .pattern = "([6-9]|[1-9][0-9])y",
     .form = "years, from `6y` to `99y`"},
    {.name = "commit_delay",
     .kind = Kind::kDuration,
     .about = "How long records wait at most for others, to be written together, and never longer "
              "than a "
              "tenth of what the disk took for the last ones; `0ms`: as soon as those are on disk",
     .fallback = "0ms",
     .least = 0,
     .most = 1'000},
    {.name = "checkpoint_interval",
     .kind = Kind::kDuration,
     .about = "How often a checkpoint is signed, at most",
     .fallback = "1s",
     .least = 0,
     .most = kHour},
    {.name = "witnesses",
     .kind = Kind::kSections,
     .about = "Who confirms checkpoints from outside (C2SP tlog-witness), so that a rollback or a "
              "fork of the log is found",
     .fallback = "[]",
     .settings = kWitness},
    {.name = "witness_interval",
     .kind = Kind::kDuration,
     .about = "How often they are asked, at most; not while the log stays the same",
     .fallback = "1m",
     .least = kSecond,
     .most = kDay},
    {.name = "forward",
     .kind = Kind::kNamed,
     .about = "To whom events are sent on, each receiver under a name of its own, which its place "
              "in the log is kept under",
     .fallback = "{}",
     .pattern = kNamePattern,
     .form = kNameForm,
     .settings = kForwarder},
};

}  // namespace wardlock::config
