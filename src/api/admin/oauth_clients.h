#pragma once

#include <string_view>

#include "api/admin/asked.h"
#include "directory/registry/edit.h"

// The programs that get tokens of OAuth: what they may, and their secrets.
namespace wardlock::admin {

Answered<void> list_clients(const Asked& asked, net::HttpResponse& response);
Answered<void> read_oauth_client(const Asked& asked, net::HttpResponse& response);
/// A secret, where it has one, is made here, and shown in this answer alone.
Answered<void> create_client(const Asked& asked, net::HttpResponse& response);
/// A merge patch (RFC 7396) of what describes it. Whoever changes it may do so with it as it was,
/// and as it is to be.
Answered<void> change_client(const Asked& asked, net::HttpResponse& response);
Answered<void> set_client_state(const Asked& asked, net::HttpResponse& response);
/// One more secret; the one before counts until the next time, or ends at once (`endOthers`).
Answered<void> renew_client_secret(const Asked& asked, net::HttpResponse& response);
Answered<void> remove_client(const Asked& asked, net::HttpResponse& response);

/// That whoever asks may have a secret of the client now, which was shown to them before.
Answered<void> check_secret_of_client(const Asked& asked, directory::Edit& edit,
                                      std::string_view id);

}  // namespace wardlock::admin
