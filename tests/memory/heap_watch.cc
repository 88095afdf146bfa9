#include "heap_watch.h"

#include <execinfo.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstdlib>

// glibc's own, under the names it keeps for those who replace them.
extern "C" {
// NOLINTBEGIN(readability-identifier-naming): glibc's names
void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void* __libc_memalign(std::size_t, std::size_t);
// NOLINTEND(readability-identifier-naming)
}

namespace wardlock {
namespace {

constexpr int kFrames = 24;

// None of them needs to be constructed: memory is asked for before main.
thread_local bool is_watched = false;
std::atomic<bool> is_counting = false;
std::atomic<std::size_t> counted = 0;
std::array<void*, kFrames> first_caller;
std::atomic<int> first_frames = 0;

void note() {
  if (!is_watched || !is_counting.load(std::memory_order_relaxed)) return;
  if (counted.fetch_add(1) > 0) return;
  is_watched = false;  // while looking for who it was
  first_frames = backtrace(first_caller.data(), kFrames);
  is_watched = true;
}

}  // namespace

void HeapWatch::watch_this_thread() {
  std::array<void*, 1> loaded;
  backtrace(loaded.data(), 1);  // takes memory the first time
  is_watched = true;
}

HeapWatch::HeapWatch() {
  counted = 0;
  first_frames = 0;
  is_counting = true;
}
HeapWatch::~HeapWatch() { is_counting = false; }

std::size_t HeapWatch::count() const { return counted; }

std::string HeapWatch::first() const {
  std::string out;
  char** const names = backtrace_symbols(first_caller.data(), first_frames);
  for (int i = 0; i < first_frames; ++i) out.append(names[i]).append("\n");
  std::free(static_cast<void*>(names));
  return out;
}

}  // namespace wardlock

extern "C" {

void* malloc(std::size_t size) {
  wardlock::note();
  return __libc_malloc(size);
}
void* calloc(std::size_t count, std::size_t size) {
  wardlock::note();
  return __libc_calloc(count, size);
}
void* realloc(void* old, std::size_t size) {
  wardlock::note();
  return __libc_realloc(old, size);
}
void* memalign(std::size_t alignment, std::size_t size) {
  wardlock::note();
  return __libc_memalign(alignment, size);
}
void* aligned_alloc(std::size_t alignment, std::size_t size) { return memalign(alignment, size); }
int posix_memalign(void** out, std::size_t alignment, std::size_t size) {
  *out = memalign(alignment, size);
  return *out == nullptr ? ENOMEM : 0;
}

}  // extern "C"
