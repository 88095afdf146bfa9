#pragma once

namespace wardlock {

/// Lets the calling thread, and no other, give way to those that have more urgent work, where the
/// system allows it. Where there is no time left for it, it gets some all the same. For good.
void give_way_to_others();

}  // namespace wardlock
