/*
 * The one function that Node takes from libatomic.so.1, which neither Ubuntu's nor Grafana's images have.
 *
 * Node calls it for objects of 8 bytes that are aligned. For those GCC's own libatomic does just this; for others it
 * may take a lock, which has no counterpart here, so that they end the process rather than go wrong silently.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define EXCHANGE(type)                                                                                         \
  {                                                                                                            \
    type was = *(type *)expected;                                                                              \
    bool done = __atomic_compare_exchange_n((type *)object, &was, *(const type *)desired, false,               \
                                            __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);                               \
    if (!done) *(type *)expected = was;                                                                        \
    return done;                                                                                               \
  }

/* The strongest order serves every order that a caller may ask for. */
__attribute__((section(".text.start"))) bool compare_exchange(size_t size, void *object, void *expected,
                                                              const void *desired, int success, int failure) {
  (void)success;
  (void)failure;
  if (((uintptr_t)object & (size - 1)) != 0) __builtin_trap();
  if (size == 1) EXCHANGE(uint8_t)
  if (size == 2) EXCHANGE(uint16_t)
  if (size == 4) EXCHANGE(uint32_t)
  if (size == 8) EXCHANGE(uint64_t)
  __builtin_trap();
}
