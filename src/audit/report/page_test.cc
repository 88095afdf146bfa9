#include "audit/report/page.h"

#include <gtest/gtest.h>

#include "audit/report/html.h"
#include "audit/report/reported_log_for_test.h"

namespace wardlock::audit {
namespace {

std::size_t count(std::string_view text, std::string_view what) {
  std::size_t times = 0;
  for (std::size_t at = text.find(what); at != std::string_view::npos;
       at = text.find(what, at + 1)) {
    ++times;
  }
  return times;
}

TEST(Page, SaysWhatAReaderNeeds) {
  ReportedLog log;
  Heading asked = log.ask("overrides");
  asked.request.from = kReportedFrom;
  const std::string page = log.page(asked);
  for (const std::string_view part :
       {"<h1>Break-glass overrides</h1>", "ann@ward-7", "grant-4", "officer-li", "2 uses",
        "\u2713 approved", "patient collapsed", "pump-12", "How to verify",
        "wardlock audit verify --report", "<b>5</b> events"}) {
    EXPECT_TRUE(page.contains(part)) << part;
  }
}

TEST(Page, WhatPeopleWroteIsNoMarkup) {
  ReportedLog log;
  event::Event event = reported_events_for_test()[0];
  event.affected_id = "\"><img src=x onerror=alert(1)>";
  event.changed = "</td></tr></table><!--";
  event.reason = "</script><script>alert(2)</script>\u202E & ' \x01";
  event.principal_type = "<b>";
  log.log.append_event(event);
  const std::string page = log.page(log.ask("users"));
  EXPECT_EQ(count(page, "<script"), 1U);  // the data
  EXPECT_EQ(count(page, "</script"), 1U);
  for (const std::string_view markup : {"<img", "<!--", "<script>", "</table><"}) {
    EXPECT_FALSE(page.contains(markup)) << markup;
  }
  EXPECT_FALSE(page.substr(0, page.find(kPageDataBegin)).contains("\u202E"));
  EXPECT_TRUE(page.contains("&lt;script&gt;alert(2)&lt;/script&gt;\\u{202e} &amp; &#39; \\u{1}"));
  EXPECT_EQ(log.verify(page), "proven");
}

/// Every cell with markup of ours is closed, however hostile the event.
TEST(Page, ItsElementsAreClosed) {
  ReportedLog log;
  event::Event event = event::full_event_for_test();
  event.tenant = "st-mary";
  log.log.append_event(event);
  const std::string page = log.page(log.ask("overrides"));
  for (const std::string_view element :
       {"table", "tr", "td", "th", "p", "span", "section", "dl", "dd", "main", "header", "ul"}) {
    const std::string name(element);
    EXPECT_EQ(count(page, "<" + name + ">") + count(page, "<" + name + " "),
              count(page, "</" + name + ">"))
        << name;
  }
}

TEST(Page, LoadsNothing) {
  ReportedLog log;
  const std::string page = log.page(log.ask("overrides"));
  for (const std::string_view loads :
       {"src=", "href=", "url(", "@import", "<link", "http://", "https://"}) {
    EXPECT_FALSE(page.contains(loads)) << loads;
  }
  EXPECT_TRUE(page.contains("default-src 'none'"));
}

TEST(Page, SaysWhatItLacks) {
  ReportedLog log;
  log.log.keys().set({"st-mary", "Patient", "p-100"}, event::KeyLookup::Answer::kErased);
  log.log.keys().set({"st-mary", "Patient", "p-200"}, event::KeyLookup::Answer::kMissing);
  Heading asked = log.ask("patient", "p-300");
  asked.patient_erased_at = kReportedFrom;
  const std::string page = log.page(asked);
  EXPECT_TRUE(page.contains("data was erased at"));
  EXPECT_TRUE(page.contains("6 events of this period whose patient nobody can tell"));
  EXPECT_TRUE(page.contains("1 event of this period whose patient could not be told"));
  EXPECT_FALSE(page.contains("not kept any longer"));
  EXPECT_TRUE(page.contains("There is none of this report in this period."));
  const std::string device = log.page(log.ask("device", "", "pump-12"));
  EXPECT_TRUE(device.contains("<i>erased</i>"));
  EXPECT_TRUE(device.contains("<i>not readable with the keys at hand</i>"));
}

TEST(Html, MakesTextVisible) {
  EXPECT_EQ(html("a<b>&\"'"), "a&lt;b&gt;&amp;&quot;&#39;");
  EXPECT_EQ(html("\x1b[31m\xff"), "\\u{1b}[31m\\u{fffd}");
  EXPECT_EQ(html_time(1'795'330'000'123),
            "<time datetime=\"2026-11-22T06:46:40.123Z\">2026-11-22 <b>06:46:40.123</b></time>");
  EXPECT_EQ(grouped(1234567), "1\u2009234\u2009567");
  EXPECT_EQ(counted(1, "event"), "1 event");
}

}  // namespace
}  // namespace wardlock::audit
