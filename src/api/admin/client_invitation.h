#pragma once

#include "api/admin/asked.h"
#include "directory/registry/edit.h"

// What lets programs register as clients of OAuth by themselves (RFC 7591).
namespace wardlock::admin {

Answered<void> list_client_invitations(const Asked& asked, net::HttpResponse& response);
/// Its token is shown in this answer alone. It counts for as long as whoever asks here may do so.
Answered<void> invite_client(const Asked& asked, net::HttpResponse& response);
/// Clients that came with it stay.
Answered<void> take_back_client_invitation(const Asked& asked, net::HttpResponse& response);

/// That whoever asks may have its token now, which was shown to them before.
Answered<void> check_client_invitation(const Asked& asked, directory::Edit& edit,
                                       std::string_view id);

}  // namespace wardlock::admin
