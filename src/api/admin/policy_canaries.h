#pragma once

#include "api/admin/asked.h"

// Drafts that decide a part of the questions, before they come into force for all.
namespace wardlock::admin {

/// Begins with the draft of the path; what ran there before ends.
Answered<void> begin_canary(const Asked& asked, net::HttpResponse& response);
/// The latest first: `before`, `count`.
Answered<void> list_canaries(const Asked& asked, net::HttpResponse& response);
/// What all nodes have found.
Answered<void> read_canary(const Asked& asked, net::HttpResponse& response);
/// The signed bundle by which nodes decide: its file.
Answered<void> download_canary(const Asked& asked, net::HttpResponse& response);
Answered<void> stop_canary(const Asked& asked, net::HttpResponse& response);

}  // namespace wardlock::admin
