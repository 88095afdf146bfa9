#pragma once

namespace wardlock {

/// Lets the calling thread, and no other, give way to those that have more urgent work, where the
/// system allows it. Where there is no time left for it, it gets some all the same. For good.
void give_way_to_others();

/// The same for work that comes in pieces of many milliseconds and holds nothing that others need:
/// whoever has more urgent work has the processor within a tenth of a millisecond (where Linux
/// knows slices of a thread's own, 6.12 and later; before that it is the niceness alone).
void give_way_at_once();

}  // namespace wardlock
