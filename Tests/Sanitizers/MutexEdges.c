// Tells the thread sanitizer when a contended Synchronization.Mutex passes from one thread to another.
//
// The quick ways of `lock` and `unlock` are inlined into Podwire's own code, so the sanitizer sees
// their atomic operations. The slow ones, where a thread waits in the kernel, are in
// libswiftSynchronization.so, which is not instrumented: there the sanitizer sees a thread that goes
// on without having acquired anything, and reports every contended mutex (Swift 6.3.1, Linux).
// Preloaded, this library stands before those three functions and calls the real ones: a mutex that
// was got is an acquire of its address, one that is given back is a release of it. Nothing else is
// hidden, so an access outside the lock is reported as before. `.ci/sanitize` proves both each time.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdbool.h>
#include <stdint.h>

// What Swift calls the methods of `Synchronization._MutexHandle`; `self` is the address of the
// mutex, in the register that Swift's calling convention has for it.
#define LOCK_SLOW "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define TRY_LOCK_SLOW "$s15Synchronization12_MutexHandleV12_tryLockSlowSbyF"
#define UNLOCK_SLOW "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"
#define SWIFT __attribute__((swiftcall))
#define SELF __attribute__((swift_context)) void *

// The sanitizer's runtime, in the program; absent in programs that are built without it, which
// inherit the preload from a test that starts them.
extern void __tsan_acquire(void *address) __attribute__((weak));
extern void __tsan_release(void *address) __attribute__((weak));

SWIFT void lockSlow(uint32_t owner, SELF mutex) __asm__(LOCK_SLOW);
SWIFT bool tryLockSlow(SELF mutex) __asm__(TRY_LOCK_SLOW);
SWIFT void unlockSlow(SELF mutex) __asm__(UNLOCK_SLOW);

static SWIFT void (*realLockSlow)(uint32_t owner, SELF mutex);
static SWIFT bool (*realTryLockSlow)(SELF mutex);
static SWIFT void (*realUnlockSlow)(SELF mutex);

// Before main, so that no two threads look them up. A program without libswiftSynchronization has
// none of them and calls none of them.
__attribute__((constructor)) static void findRealFunctions(void) {
    realLockSlow = dlsym(RTLD_NEXT, LOCK_SLOW);
    realTryLockSlow = dlsym(RTLD_NEXT, TRY_LOCK_SLOW);
    realUnlockSlow = dlsym(RTLD_NEXT, UNLOCK_SLOW);
}

SWIFT void lockSlow(uint32_t owner, SELF mutex) {
    realLockSlow(owner, mutex);
    if (__tsan_acquire) __tsan_acquire(mutex);
}

SWIFT bool tryLockSlow(SELF mutex) {
    bool isLocked = realTryLockSlow(mutex);
    if (isLocked && __tsan_acquire) __tsan_acquire(mutex);
    return isLocked;
}

SWIFT void unlockSlow(SELF mutex) {
    if (__tsan_release) __tsan_release(mutex);  // Before another thread can have it.
    realUnlockSlow(mutex);
}
