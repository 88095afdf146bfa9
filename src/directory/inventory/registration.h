#pragma once

#include <string>

#include "codec/json.h"
#include "directory/inventory/import.h"

namespace wardlock::directory {

/// So many devices are registered with one request.
inline constexpr std::size_t kMaxRegistrations = 100;

/// Registers a device that was made: enters it as `manufactured`, with the software that it runs.
/// `device` has its attributes, `uuid` among them, references as keys, and `runs`, a list of keys
/// of module versions. Model and serial number are those of the UDI where they are left out. The
/// same again is the same; another device of that uuid, or other attributes, are refused: what is
/// registered is not changed this way. Errors: as for import_batch.
Result<Outcome> register_device(Registry& registry, const Mandate& mandate, ImportGate& gate,
                                const codec::Json& device, std::chrono::year this_year,
                                bool is_dry_run);

}  // namespace wardlock::directory
