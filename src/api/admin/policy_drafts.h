#pragma once

#include <mutex>
#include <optional>

#include "administration/policy_changes.h"
#include "api/admin/asked.h"
#include "bundle/content.h"
#include "pap/drafts.h"

// Changes of policies that are proposed: from the first line to what comes into force.
namespace wardlock::admin {

/// The draft of the path; one of another environment is not there.
Answered<pap::DraftView> view_of(const Asked& asked, const administration::PolicyChanges& changes);

Answered<void> list_drafts(const Asked& asked, net::HttpResponse& response);
Answered<void> begin_draft(const Asked& asked, net::HttpResponse& response);
Answered<void> read_draft(const Asked& asked, net::HttpResponse& response);
Answered<void> read_draft_content(const Asked& asked, net::HttpResponse& response);
Answered<void> write_draft(const Asked& asked, net::HttpResponse& response);
/// Runs all checks of the content, and keeps what they say. Takes seconds.
Answered<void> check_draft(const Asked& asked, net::HttpResponse& response);
Answered<void> submit_draft(const Asked& asked, net::HttpResponse& response);
/// An electronic signature. 401 where whoever asks has to authenticate anew (RFC 9470).
Answered<void> sign_draft(const Asked& asked, net::HttpResponse& response);
Answered<void> reject_draft(const Asked& asked, net::HttpResponse& response);
Answered<void> withdraw_draft(const Asked& asked, net::HttpResponse& response);
/// What is approved comes into force, or is going to; also single-handed, where nobody could
/// approve.
Answered<void> activate_draft(const Asked& asked, net::HttpResponse& response);
/// What is not approved yet, at once.
Answered<void> activate_draft_in_emergency(const Asked& asked, net::HttpResponse& response);

/// Held while a draft is checked or compared for long. 503: somebody else's is.
Answered<std::unique_lock<std::mutex>> turn_for_long_work(
    const administration::PolicyChanges& changes);

/// What the draft changes: the content that was in force when it was written, and its own.
struct ChangedContents {
  std::optional<bundle::Content> before;
  bundle::Content after;
};
Answered<ChangedContents> contents_of(const Asked& asked,
                                      const administration::PolicyChanges& changes,
                                      const pap::PolicyDraft& draft);

}  // namespace wardlock::admin
