/*
 * The part of libatomic.so.1 that Node calls, and nothing else.
 *
 * Node's official binaries for Linux need libatomic since version 25 (nodejs/node: BUILDING.md), and neither a stock
 * Ubuntu nor the image of a charm's container has it (juju/charm-base-images: Dockerfile-ubuntu-noble). Node takes one
 * function from it, for objects of 8 bytes that are aligned. For those GCC's own libatomic does just this; for others
 * it may take a lock, which has no counterpart here, so that they end the process rather than go wrong silently.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Compilers know the name as a builtin of another signature; the label gives it to the linker only. */
bool compare_exchange(size_t size, void *object, void *expected, const void *desired, int success, int failure)
    __asm__("__atomic_compare_exchange");

#define COMPARE_EXCHANGE(type)                                                                         \
  {                                                                                                    \
    type was, will;                                                                                    \
    __builtin_memcpy(&was, expected, sizeof was);                                                      \
    __builtin_memcpy(&will, desired, sizeof will);                                                     \
    bool done = __atomic_compare_exchange_n((type *)object, &was, will, false, __ATOMIC_SEQ_CST,       \
                                            __ATOMIC_SEQ_CST);                                         \
    if (!done) __builtin_memcpy(expected, &was, sizeof was);                                           \
    return done;                                                                                       \
  }

/* The strongest order serves every order that a caller may ask for. */
bool compare_exchange(size_t size, void *object, void *expected, const void *desired, int success, int failure) {
  (void)success;
  (void)failure;
  if (((uintptr_t)object & (size - 1)) != 0) __builtin_trap();
  switch (size) {
    case 1: COMPARE_EXCHANGE(uint8_t)
    case 2: COMPARE_EXCHANGE(uint16_t)
    case 4: COMPARE_EXCHANGE(uint32_t)
    case 8: COMPARE_EXCHANGE(uint64_t)
    default: __builtin_trap();
  }
}
