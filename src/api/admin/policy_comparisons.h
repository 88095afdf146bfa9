#pragma once

#include "api/admin/asked.h"
#include "compare/report/diff_report.h"

// Drafts compared with what was in force when they were written: by what they say, and by what they
// decide.
namespace wardlock::admin {

/// What the draft's policies and schema differ in from those in force when it was written.
Answered<void> compare_draft(const Asked& asked, net::HttpResponse& response);
/// What they decide differently, and which rights each role has.
Answered<void> compare_draft_decisions(const Asked& asked, net::HttpResponse& response);

/// Begins to ask both what was recorded in a period: 202, and where to look.
Answered<void> begin_comparison(const Asked& asked, net::HttpResponse& response);
/// How far it is.
Answered<void> read_comparison(const Asked& asked, net::HttpResponse& response);
/// What it found. 409 until it is done.
Answered<void> read_comparison_report(const Asked& asked, net::HttpResponse& response);

}  // namespace wardlock::admin
