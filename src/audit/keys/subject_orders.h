#pragma once

#include <functional>
#include <span>
#include <string_view>

#include "audit/keys/subject_keys.h"
#include "base/error.h"
#include "event/event.h"
#include "event/subject.h"

// What is ordered about a subject of the log, and put on record before it is done. The event that
// tells of it is filled in from `circumstances`: who ordered it, from where, when, and why
// (`reason`, which must be given).
namespace wardlock::audit {

/// Puts an event on record, durably. Error: it could not be, and nothing may be done.
using RecordOrder = std::function<Result<void>(const event::Event& event)>;

/// Erases the subject's key, and with it all that the log holds sealed under it. Before that the
/// whole log must have been read by somebody who adopts keys (`catch_up`). The event names the key
/// that is erased, and not whose it was: with the id in hand, `SubjectKeys::erasures` tells.
/// Errors: kInvalidArgument, nobody is named or no reason; kFailedPrecondition, a legal hold, which
/// the message names, and the attempt is on record; kNotFound, nothing is held of the subject (any
/// more); those of `record` and of `SubjectKeys::erase`.
Result<Erasure> erase_subject(SubjectKeys& keys, const event::Subject& subject,
                              const event::Event& circumstances, const RecordOrder& record);

/// Puts a legal hold on the subject, whom the log may not know (yet). Errors: kInvalidArgument, as
/// above, or the hold has no name; kAlreadyExists, there is one of that name; those of both.
Result<void> hold_subject(SubjectKeys& keys, const event::Subject& subject, std::string_view name,
                          const event::Event& circumstances, const RecordOrder& record);

/// Lifts it. Errors: kNotFound, there is none of that name; as above.
Result<void> release_subject(SubjectKeys& keys, const event::Subject& subject,
                             std::string_view name, const event::Event& circumstances,
                             const RecordOrder& record);

/// All names under which the log has one person or patient, that of the order first; not empty.
/// Each name has a key of its own.
using SubjectNames = std::span<const event::Subject>;

/// The same of all names: with a hold on one of them none is erased. Done, unless it could be done
/// with none; then the error is that of the first.
Result<Erasure> erase_all(SubjectKeys& keys, SubjectNames names, const event::Event& circumstances,
                          const RecordOrder& record);
Result<void> hold_all(SubjectKeys& keys, SubjectNames names, std::string_view name,
                      const event::Event& circumstances, const RecordOrder& record);
Result<void> release_all(SubjectKeys& keys, SubjectNames names, std::string_view name,
                         const event::Event& circumstances, const RecordOrder& record);

}  // namespace wardlock::audit
