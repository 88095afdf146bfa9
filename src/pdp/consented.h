#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/arena.h"
#include "cedar/entities/entity_store.h"
#include "cedar/evaluator/evaluator.h"
#include "cedar/schema/schema.h"
#include "pdp/snapshot.h"

namespace wardlock::pdp {

/// A question's context with what the patient's consents say of it.
struct Consented {
  cedar::Value context;
  std::span<const std::string_view> provisions = {};  ///< that counted, as `consent#place`
};

/// Whether `context.consent` may be there for the action.
bool declares_consent(const cedar::ActionType& action);
/// The same; false without a schema, which alone says what a patient is.
bool declares_consent(const Snapshot& snapshot, const cedar::EntityUid& action);

/// Whether consents may say something of the action to somebody: for whoever answers about many
/// resources at once. Reads all consents until one does.
bool may_have_consents(const Snapshot& snapshot, const cedar::EntityUid& action);

/// What the consents of the resource's patients say of the request, as `context.consent` in its
/// context; an older one is replaced. It is not there where they have none, where the action does
/// not declare it, and for the patient's own questions. A resource is a patient's that is of a type
/// marked `@audit("patient")`, is in such an entity, or has one for an attribute.
///
/// A provision is a record: `place` (`1`, and of exceptions to it `1.1`, `1.2`, …), `permits`, and
/// what it is restricted to, where it is: `beginsAt`, `endsAt` (exclusive), `purposes`, `actors`
/// (records of the texts `type` and `id`), `actions`, `labels`, `classes`. It applies if all that
/// it is restricted to is so; then the exceptions to it that apply decide in its place, a deny
/// before a permit. Of several consents a deny decides, however old.
///
/// INVARIANT: what is not known of a question – its purpose, how sensitive the resource is – makes
/// a deny apply, and keeps a permit from it.
///
/// The record `consent` has: `refused`, by the purpose that the question names
/// (`context.purpose`); `refusedInEmergency`, had it been asked under a break-glass grant (BTG);
/// `permitted`, by some provision, and refused by none; `agreed`, the purposes for which it would
/// be permitted, of those that the consents and the question name; `provisions`. Pure; borrows from
/// the snapshot, the request and the arena.
Consented with_consent(const Snapshot& snapshot, const cedar::Request& request,
                       const cedar::EntityView& entities, std::int64_t now, Arena& arena);
/// The same, for who knows how the schema declares the action; null: it does not.
Consented with_consent(const Snapshot& snapshot, const cedar::ActionType* action,
                       const cedar::Request& request, const cedar::EntityView& entities,
                       std::int64_t now, Arena& arena);

/// A value that `context.consent` may have, and an entity that is a consent, for holding a schema
/// against them. They borrow from the arena.
cedar::Value sample_consented(Arena& arena);
cedar::EntityDraft sample_consent(Arena& arena);

}  // namespace wardlock::pdp
