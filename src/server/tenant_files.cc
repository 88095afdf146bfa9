#include "server/tenant_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>

#include "base/check.h"
#include "bundle/policy_bundle.h"
#include "pdp/bundle_sources.h"
#include "server/bundle_reader.h"
#include "server/policy_files.h"

namespace wardlock::server {
namespace {

std::int64_t nanoseconds(const timespec& time) {
  return time.tv_sec * 1'000'000'000 + time.tv_nsec;
}

/// A file that is not there differs from every other by its inode, 0.
Fingerprint::File look_at(const std::string& path) {
  struct stat found = {};
  if (stat(path.c_str(), &found) != 0) return {.path = path};
  return {.path = path,
          .device = found.st_dev,
          .inode = found.st_ino,
          .size = found.st_size,
          .modified_ns = nanoseconds(found.st_mtim),
          .changed_ns = nanoseconds(found.st_ctim),
          .is_regular = S_ISREG(found.st_mode)};
}

/// A read lease is refused while the file is open for writing. Ours is given back at once; were
/// somebody to open the file in that moment, the kernel would let them wait for it, and send us a
/// SIGIO, which the process ignores.
bool is_open_for_writing(const std::string& path) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0) return false;
  const bool is_open = fcntl(file, F_SETLEASE, F_RDLCK) != 0 && errno == EAGAIN;
  fcntl(file, F_SETLEASE, F_UNLCK);
  close(file);
  return is_open;
}

/// The time for which a bundle says to be made: whether it is still good is judged by who takes it
/// over.
Result<std::chrono::sys_seconds> own_time(const config::Tenant& tenant) {
  const pdp::Source file = TRY(read_source(tenant.policies));
  const auto bundle = bundle::UnverifiedBundle::parse(file.text);
  // What is wrong with it is told by who verifies it.
  return bundle ? bundle->statement().created : bundle_time();
}

}  // namespace

config::Tenant follow_links(const config::Tenant& tenant) {
  config::Tenant out = tenant;
  for (std::string* path : {&out.policies, &out.schema, &out.entities}) {
    if (path->empty() || *path == "-") continue;
    std::error_code error;
    const auto real = std::filesystem::canonical(*path, error);
    if (!error) *path = real.string();
  }
  return out;
}

Fingerprint take_fingerprint(const config::Tenant& tenant) {
  Fingerprint out;
  if (is_managed(tenant)) {
    // Nothing that lies in a folder changes what was approved.
  } else if (const auto paths = list_policies(tenant.policies)) {
    std::ranges::transform(*paths, std::back_inserter(out.files), look_at);
  } else {
    out.fault = paths.error().message;
  }
  for (const std::string& path : {tenant.schema, tenant.entities}) {
    if (!path.empty()) out.files.push_back(look_at(path));
  }
  // A key that is taken out of its file counts no more.
  if (tenant.bundle)
    std::ranges::transform(tenant.bundle->keys, std::back_inserter(out.files), look_at);
  return out;
}

bool is_being_written(const Fingerprint& fingerprint) {
  return std::ranges::any_of(fingerprint.files,
                             [](const auto& file) { return is_open_for_writing(file.path); });
}

bool is_managed(const config::Tenant& tenant) { return tenant.managed.has_value(); }

Result<pdp::Sources> read_tenant(const config::Tenant& tenant, pdp::Sources policies) {
  CHECK(is_managed(tenant));
  if (!tenant.entities.empty()) policies.entities = TRY(read_source(tenant.entities));
  policies.types = tenant.types;
  return policies;
}

Result<pdp::Sources> read_tenant(const config::Tenant& tenant) {
  const auto read = [&](const std::string& path) -> Result<pdp::Source> {
    if (path == "-") return pdp::Source{"standard input", tenant.standard_input};
    return read_source(path);
  };
  pdp::Sources sources;
  if (tenant.bundle) {
    const std::chrono::sys_seconds time = TRY(own_time(tenant));
    const auto bundle = TRY(open_bundle(tenant, time));
    sources = pdp::sources_of(bundle.content());
  } else if (tenant.policies == "-") {
    sources.policies = {TRY(read("-"))};
  } else {
    sources = TRY(read_policies(tenant.policies));
  }
  if (!tenant.schema.empty()) sources.schemas = {TRY(read(tenant.schema))};
  if (!tenant.entities.empty()) sources.entities = TRY(read(tenant.entities));
  sources.types = tenant.types;
  return sources;
}

}  // namespace wardlock::server
