#pragma once

#include "directory/fetch/source.h"
#include "net/interruption.h"
#include "server/directory.h"
#include "server/log.h"
#include "server/turn_task.h"

namespace wardlock::server {

/// Asks a source what it tells, and has it kept as if the source had told it. What is known already
/// and stays fresh for a while is not told again. Decisions wait for none of it. All outlive it.
TurnTask fetch_task(const directory::FetchSource& source, Directory& directory,
                    const net::Interruption& interruption, Log& log);

}  // namespace wardlock::server
