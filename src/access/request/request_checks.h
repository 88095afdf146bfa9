#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "access/request/role_request.h"
#include "base/error.h"
#include "directory/registry/thing.h"
#include "storage/work.h"

namespace wardlock::access {

// What must be so of who asks and answers, and of what it is for. All within the transaction of
// `work`; each names its tenant. Errors, in words for who asks: kNotFound, there is no such thing;
// kFailedPrecondition, it is not there any more; kPermissionDenied, not this person.

/// Somebody at work.
Result<directory::Thing> person_at_work(storage::Work& work, std::string_view tenant,
                                        std::string_view id);
/// A role that can be given.
Result<directory::Thing> given_role(storage::Work& work, std::string_view tenant,
                                    std::string_view id);
/// Something that an action is done to. Of a patient who turned out to be another, that other one.
Result<directory::Thing> action_target(storage::Work& work, std::string_view tenant,
                                       std::string_view id);
/// Whether it is a place that is there; so is none at all.
Result<void> check_request_scope(storage::Work& work, std::string_view tenant, std::string_view id);
/// What the request is for. Nothing: it is not there any more.
Result<std::optional<directory::Thing>> find_what(storage::Work& work, const RoleRequest& request);
/// The same, where it can be given, or be done.
Result<directory::Thing> check_what(storage::Work& work, const RoleRequest& request);

/// Whether the person answers for it (the relation `owner`) at that time.
Result<bool> is_owner(storage::Work& work, std::string_view tenant, std::string_view person,
                      std::string_view what, std::int64_t now_ms);

/// Whoever answers for it then; empty: nobody does.
Result<std::set<std::string>> owners_of(storage::Work& work, std::string_view tenant,
                                        std::string_view what, std::int64_t now_ms);

/// Nobody has to be asked for what is there, or asked twice. Errors: kAlreadyExists; too many of
/// the person's wait.
Result<void> check_new_request(storage::Work& work, const RoleRequest& request);

}  // namespace wardlock::access
