#include "audit/report/page.h"

#include <fmt/format.h>

#include <string>

#include "audit/report/document.h"
#include "audit/report/event_cells.h"
#include "audit/report/grants.h"
#include "audit/report/html.h"
#include "audit/report/page_style.h"
#include "merkle/checkpoint.h"
#include "merkle/note.h"

namespace wardlock::audit {
namespace {

/// One that reads nothing into its text: a report is written before it is verified.
merkle::Checkpoint checkpoint_of(const Heading& heading) {
  const auto note = merkle::parse_note(heading.checkpoint);
  if (!note) return {};
  return merkle::parse_checkpoint(note->text).value_or(merkle::Checkpoint());
}

std::string period(const ReportRequest& request) {
  if (request.from && request.to) {
    return fmt::format("from {} until before {}", html_time(*request.from), html_time(*request.to));
  }
  if (request.from) return fmt::format("from {} on", html_time(*request.from));
  if (request.to) return fmt::format("until before {}", html_time(*request.to));
  return "all that the log has";
}

std::string head(const Heading& heading) {
  const ReportRequest& request = heading.request;
  std::string title(request.report->title);
  for (const std::string& name : {request.patient, request.device}) {
    if (!name.empty()) title += ": " + name;
  }
  return fmt::format(
      "{}<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
      "'unsafe-inline'\">\n<meta name=\"referrer\" content=\"no-referrer\">\n"
      "<title>{}</title>\n<style>{}</style>\n</head>\n<body>\n",
      kPageBegin, html(title), page_style());
}

std::string facts(const Heading& heading) {
  const ReportRequest& request = heading.request;
  const merkle::Checkpoint checkpoint = checkpoint_of(heading);
  std::string out = fmt::format(
      "<header>\n<p class=\"over\">Audit report</p>\n<h1>{}</h1>\n<p>{}.</p>\n<dl "
      "class=\"facts\">\n",
      html(request.report->title), html(request.report->about));
  const auto add = [&](std::string_view name, std::string_view value) {
    out += fmt::format("<dt>{}</dt><dd>{}</dd>\n", name, value);
  };
  if (!request.patient.empty()) add("Patient", html(request.patient));
  if (!request.device.empty()) add("Device", html(request.device));
  if (!request.tenant.empty()) add("Organization", html(request.tenant));
  add("Period", period(request));
  add("Made", fmt::format("{} by {}, with {}", html_time(heading.made_at), html(heading.made_by),
                          html(heading.program)));
  add("Log", fmt::format("<code>{}</code>, its first {}", html(checkpoint.origin),
                         counted(checkpoint.head.size, "record")));
  return out + "</dl>\n<p class=\"faint\">All times are UTC.</p>\n</header>\n<main>\n";
}

void add_note(std::string_view text, std::string& out) {
  out += fmt::format("<p class=\"note\">{}</p>\n", text);
}

/// What is not in the report, or cannot be read in it.
void add_notes(const Heading& heading, std::string& out) {
  const Counts& counts = heading.counts;
  const Gaps& gaps = heading.gaps;
  if (heading.request.is_masked) add_note("What says who and whose is masked.", out);
  if (heading.patient_erased_at) {
    add_note(
        fmt::format("The patient\u2019s data was erased at {}: what was recorded before cannot "
                    "be found or read by anybody.",
                    html_time(*heading.patient_erased_at)),
        out);
  }
  if (counts.erased > 0) {
    add_note(fmt::format("{} below with a part that nobody can read any more: its key was erased.",
                         counted(counts.erased, "event")),
             out);
  }
  if (counts.locked > 0) {
    add_note(fmt::format("{} below with a part that could not be read with the keys at hand.",
                         counted(counts.locked, "event")),
             out);
  }
  if (gaps.removed > 0) {
    add_note(
        fmt::format("The log\u2019s oldest {} not kept any longer: what they said is not in this "
                    "report.",
                    gaps.removed == 1 ? "record was" : grouped(gaps.removed) + " records were"),
        out);
  }
  if (gaps.erased > 0) {
    add_note(
        fmt::format("{} of this period whose patient nobody can tell any more, since a key was "
                    "erased: such events are not in this report.",
                    counted(gaps.erased, "event")),
        out);
  }
  if (gaps.locked > 0) {
    add_note(fmt::format("{} of this period whose patient could not be told with the keys at hand: "
                         "this report may lack some.",
                         counted(gaps.locked, "event")),
             out);
  }
  if (gaps.unreadable > 0) {
    add_note(fmt::format("{} could not be read at all: this report may lack some. See what "
                         "<code>wardlock audit verify</code> says of the log.",
                         counted(gaps.unreadable, "record")),
             out);
  }
}

std::string summary(const Heading& heading) {
  const Counts& counts = heading.counts;
  std::string out = "<section aria-labelledby=\"summary\">\n<h2 id=\"summary\">Summary</h2>\n";
  out += "<ul class=\"counts\">\n";
  const auto add = [&](std::uint64_t count, std::string_view what, std::string_view style) {
    out += fmt::format("<li class=\"{}\"><b>{}</b> {}</li>\n", count == 0 ? "" : style,
                       grouped(count), what);
  };
  add(counts.events, counts.events == 1 ? "event" : "events", "");
  add(counts.succeeded, "done or allowed", "good");
  add(counts.refused, "refused or denied", "bad");
  add(counts.failed, "failed", "warn");
  out += "</ul>\n";
  add_notes(heading, out);
  return out + "</section>\n";
}

std::string table_begin(std::string_view section, std::initializer_list<std::string_view> columns) {
  std::string out = fmt::format(
      "<div class=\"wide\" role=\"region\" aria-labelledby=\"{}\" tabindex=\"0\">\n<table>\n"
      "<thead><tr>",
      section);
  for (const std::string_view column : columns) {
    out += fmt::format("<th scope=\"col\">{}</th>", column);
  }
  return out + "</tr></thead>\n<tbody>\n";
}

constexpr std::string_view kTableEnd = "</tbody>\n</table>\n</div>\n</section>\n";

std::string time_or(std::optional<std::int64_t> time, std::string_view otherwise) {
  return time ? html_time(*time) : std::string(otherwise);
}

std::string grant_row(const Grants::Grant& grant) {
  std::string uses = fmt::format("<p>{}</p>", counted(grant.uses, "use"));
  if (grant.first_use) uses += fmt::format("<p>{}</p>", html_time(*grant.first_use));
  if (grant.uses > 1) uses += fmt::format("<p>to {}</p>", html_time(*grant.last_use));
  std::string review = "<span class=\"warn\">not reviewed</span>";
  if (grant.reviewed) {
    review =
        fmt::format("<p class=\"{}\">{}</p><p>{}</p><p>{}</p>", grant.was_approved ? "good" : "bad",
                    grant.was_approved ? "\u2713 approved" : "\u2717 not approved",
                    html_time(*grant.reviewed), grant.reviewer);
  }
  return fmt::format(
      "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td><p>{}</p></td><td>{}</td><td>{}</td>"
      "<td>{}</td><td>{}</td><td>{}</td></tr>\n",
      html(grant.id), grant.who, grant.whose, html(grant.reason), time_or(grant.started, "\u2014"),
      uses, time_or(grant.expires, "\u2014"), time_or(grant.ended, "\u2014"), review);
}

Result<void> write_grants(Rows& rows, const Write& write) {
  Grants grants;
  TRY_VOID(rows.each([&](const Row& row) -> Result<void> {
    grants.add(row.event);
    return {};
  }));
  if (grants.all().empty()) return {};
  std::string text = "<section aria-labelledby=\"grants\">\n<h2 id=\"grants\">Grants</h2>\n";
  text += table_begin("grants", {"Grant", "Who", "Whose", "Reason", "Opened", "Used", "Expires",
                                 "Ended", "Review"});
  for (const Grants::Grant& grant : grants.all()) text += grant_row(grant);
  return write(text += kTableEnd);
}

Result<void> write_events(const Heading& heading, Rows& rows, const Write& write) {
  std::string text = "<section aria-labelledby=\"events\">\n<h2 id=\"events\">Events</h2>\n";
  if (heading.counts.events == 0) {
    return write(text + "<p>There is none of this report in this period.</p>\n</section>\n");
  }
  text += table_begin("events",
                      {"Time", "Who", "What", "Whose, on what", "Outcome", "Details", "Record"});
  TRY_VOID(write(text));
  TRY_VOID(rows.each([&](const Row& row) {
    const event::Event& event = row.event;
    return write(fmt::format(
        "<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><th scope=\"row\" "
        "class=\"number\">{}</th></tr>\n",
        html_time(event.time), who_cell(event), what_cell(event), whose_cell(event),
        outcome_cell(event), details_cell(event), row.record));
  }));
  return write(kTableEnd);
}

std::string how_to_verify(const Heading& heading) {
  return fmt::format(
      "<section aria-labelledby=\"verify\">\n<h2 id=\"verify\">How to verify this report</h2>\n"
      "<p>Each event is proven: this file holds its record, the keys that open what is shown of it "
      "and nothing else, and the hashes that lead to a tree that the log has signed. Without "
      "network or log, with the log\u2019s public key from a source you trust:</p>\n"
      "<pre>wardlock audit verify --report FILE --key KEY</pre>\n"
      "<p>It finds every change of what is shown here. That nothing was left out is not proven: "
      "whoever has the log and its keys makes the report again and compares. The head of this page "
      "(who made it and when, and what could not be read) is the word of who made it.</p>\n"
      "<p class=\"faint\">The key that the log has used, to be compared: <code>{}</code></p>\n"
      "<pre>{}</pre>\n</section>\n</main>\n",
      html(heading.public_key), html(heading.checkpoint));
}

/// In a page, no text of the data may end their element.
Result<void> write_data(const Heading& heading, Rows& rows, const Write& write) {
  TRY_VOID(write(kPageDataBegin));
  TRY_VOID(write_document(heading, rows, [&](std::string_view piece) {
    std::string safe;
    for (const char c : piece) {
      if (c == '<') {
        safe += "\\u003c";
      } else {
        safe += c;
      }
    }
    return write(safe);
  }));
  return write(fmt::format("{}\n</body>\n</html>\n", kPageDataEnd));
}

}  // namespace

Result<void> write_page(const Heading& heading, Rows& rows, const Write& write) {
  TRY_VOID(write(head(heading)));
  TRY_VOID(write(facts(heading)));
  TRY_VOID(write(summary(heading)));
  if (heading.request.report->has_grants) TRY_VOID(write_grants(rows, write));
  TRY_VOID(write_events(heading, rows, write));
  TRY_VOID(write(how_to_verify(heading)));
  return write_data(heading, rows, write);
}

}  // namespace wardlock::audit
