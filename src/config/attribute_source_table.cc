#include "config/attribute_source_table.h"

#include <array>
#include <string_view>

#include "config/setting_forms.h"

// A part of the table in all_settings.cc.

namespace wardlock::config {
namespace {

constexpr std::array<std::string_view, 2> kForms = {"values", "fhir"};
constexpr char kAttributePattern[] = "[A-Za-z_][A-Za-z0-9_]{0,127}";
constexpr char kIdentifierPattern[] = "[A-Za-z][A-Za-z0-9.]{0,127}";
constexpr char kTypePattern[] = "[A-Z][A-Za-z]{0,63}";

constexpr Setting kReading[] = {
    {.name = "resource",
     .kind = Kind::kText,
     .about = "The type of the resources that say it",
     .is_required = true,
     .pattern = kTypePattern,
     .form = "a type of FHIR R4, e.g. `Encounter`"},
    {.name = "each",
     .kind = Kind::kText,
     .about =
         "Which of their elements say it, e.g. `location`; the paths below begin there, or with "
         "`%resource` at the resource. Without it, the resource"},
    {.name = "where",
     .kind = Kind::kTextMap,
     .about = "What an element must be for it to count: a code, a text or `true` by its path, e.g. "
              "`{status: active}`",
     .fallback = "{}"},
    {.name = "period",
     .kind = Kind::kText,
     .about = "The path of the Period in which it counts; without it, and where there is none, it "
              "always does"},
    {.name = "thing",
     .kind = Kind::kText,
     .about = "The path of what the attribute is of: a Reference, an Identifier, a code or a text",
     .is_required = true},
    {.name = "identifier",
     .kind = Kind::kText,
     .about = "By which of the directory's identifiers that is known, e.g. `recordNumber`",
     .is_required = true,
     .pattern = kIdentifierPattern,
     .form = "what the directory knows things by, e.g. `userName` or `location.code`"},
    {.name = "type",
     .kind = Kind::kText,
     .about = "The type of resource that a Reference must be of to name the thing by its id, e.g. "
              "`Patient` for `Patient/7`; without it none does",
     .pattern = kTypePattern,
     .form = "a type of FHIR R4, e.g. `Patient`"},
    {.name = "system",
     .kind = Kind::kText,
     .about = "The `system` that identifiers and codes of the thing must have; without it any"},
    {.name = "attribute",
     .kind = Kind::kText,
     .about = "The attribute, as the policies' schema has it",
     .is_required = true,
     .pattern = kAttributePattern,
     .form = "the name of an attribute"},
    {.name = "value",
     .kind = Kind::kText,
     .about = "The path of its value: a text, a number, a truth, a code, or what names a thing"},
    {.name = "constant",
     .kind = Kind::kText,
     .about =
         "Its value, as JSON, instead of a path: for those of whom there is such an element at "
         "all, e.g. `'true'`"},
    {.name = "value_identifier",
     .kind = Kind::kText,
     .about = "The value is a thing of the directory, known by this identifier, e.g. `code`",
     .pattern = kIdentifierPattern,
     .form = "what the directory knows things by, e.g. `userName` or `location.code`"},
    {.name = "value_type",
     .kind = Kind::kText,
     .about = "As `type`, of the value",
     .pattern = kTypePattern,
     .form = "a type of FHIR R4, e.g. `Location`"},
    {.name = "value_system", .kind = Kind::kText, .about = "As `system`, of the value"},
    {.name = "set",
     .kind = Kind::kFlag,
     .about = "The attribute is a set of all values that a thing has; otherwise there is one, and "
              "where an answer says two, neither counts",
     .fallback = "false"},
    {.name = "observed",
     .kind = Kind::kText,
     .about = "The path of the time since when it is so; without it the time when it was asked"},
};

}  // namespace

constinit const Setting kAttributeSource[kAttributeSourceSettings] = {
    {.name = "source",
     .kind = Kind::kText,
     .about = "Its name in the policies' schema; without it the one above",
     .pattern = kNamePattern,
     .form = "lowercase letters, digits and hyphens, e.g. `rota`"},
    {.name = "tenant",
     .kind = Kind::kText,
     .about = "Whose things it tells of; needed where there are several tenants",
     .pattern = "[a-z0-9-]{1,64}",
     .form = "a tenant's name"},
    {.name = "url",
     .kind = Kind::kText,
     .about = "What is asked, of `https:`; `{now}` in it stands for the time, e.g. "
              "`2026-11-24T07:00:00.000Z`",
     .is_required = true},
    {.name = "form",
     .kind = Kind::kText,
     .about =
         "What its answer is: `values`, as sources tell them, or a Bundle of `fhir` (R4), with "
         "further pages",
     .fallback = "values",
     .words = kForms},
    {.name = "readings",
     .kind = Kind::kSections,
     .about = "Which attributes the resources of FHIR say, and how",
     .fallback = "[]",
     .settings = kReading},
    {.name = "token_file",
     .kind = Kind::kPath,
     .about = "A file whose first line is the bearer token that it wants (0600)"},
    {.name = "ca",
     .kind = Kind::kPath,
     .about = "Certificates of the authorities that vouch for the server, PEM; without it the "
              "system's"},
    {.name = "certificate",
     .kind = Kind::kPath,
     .about = "The certificate that is shown to it, PEM, with the intermediate ones"},
    {.name = "key", .kind = Kind::kPath, .about = "The certificate's private key (0600)"},
    {.name = "networks",
     .kind = Kind::kTexts,
     .about = "Networks that are not of the Internet and in which it may be, e.g. `[10.0.0.0/8]`",
     .fallback = "[]"},
    {.name = "interval",
     .kind = Kind::kDuration,
     .about = "How often it is asked; well below what the schema calls fresh",
     .fallback = "1m",
     .least = kSecond,
     .most = kDay},
    {.name = "timeout",
     .kind = Kind::kDuration,
     .about = "How long it may take for a page",
     .fallback = "10s",
     .least = 100,
     .most = 600 * kSecond},
};

}  // namespace wardlock::config
