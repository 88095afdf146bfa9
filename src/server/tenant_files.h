#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.h"
#include "config/config.h"
#include "pdp/snapshot.h"

namespace wardlock::server {

/// What can be seen of a tenant's files without reading them. Two that are equal belong to the same
/// contents, unless somebody takes pains.
struct Fingerprint {
  struct File {
    std::string path;
    std::uint64_t device = 0;
    std::uint64_t inode = 0;  ///< of what links lead to, so that a swapped link is seen
    std::int64_t size = 0;
    std::int64_t modified_ns = 0;
    std::int64_t changed_ns = 0;

    bool is_regular = false;

    bool operator==(const File&) const = default;
  };

  std::vector<File> files;
  std::string fault;  ///< why a folder cannot be listed

  bool operator==(const Fingerprint&) const = default;
};

/// The tenant with the paths that its symbolic links lead to now: what is then looked at and read
/// lies in one place, though a link is swapped meanwhile.
config::Tenant follow_links(const config::Tenant& tenant);

/// Of the policies, the schema, the entities and the keys of bundles, each where given.
Fingerprint take_fingerprint(const config::Tenant& tenant);

/// Whether some process has one of the files open for writing: then it is not complete, however
/// long it has been quiet. Can be told for files of the process's own user only; false for others.
bool is_being_written(const Fingerprint& fingerprint);

/// Whether what is in force says the tenant's policies, and no file does.
bool is_managed(const config::Tenant& tenant);

/// Reads all of the tenant's files.
Result<pdp::Sources> read_tenant(const config::Tenant& tenant);

/// The tenant's files and the policies of a bundle. Requires that it is managed.
Result<pdp::Sources> read_tenant(const config::Tenant& tenant, pdp::Sources policies);

}  // namespace wardlock::server
