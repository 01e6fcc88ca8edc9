/*
 * The first instructions of a plugin that brings its own C library, for machines that have none that Node can use:
 * Grafana's default image is Alpine, whose library is musl.
 *
 * The kernel finds the loader of a program by an absolute path, which a plugin can't know. So such a program names none
 * and begins here: this finds the loader next to the program, puts it into memory as the kernel would have done, tells
 * it about the program in the same words, and goes on there. It runs before there is any library, without a stack frame
 * of its own to come back to: nothing but system calls.
 */
#include <stddef.h>
#include <stdint.h>

/* Follows the code. Written by ../start.ts, which knows the program. */
extern const struct {
  uint64_t entry;        /* of the program itself */
  uint64_t headers;      /* address of the program headers that the loader is to see */
  uint64_t header_count;
  char loader[];         /* from the program's folder */
} config __attribute__((visibility("hidden")));

#if defined(__x86_64__)
enum { sys_write = 1, sys_mmap = 9, sys_pread = 17, sys_exit = 231, sys_openat = 257, sys_readlinkat = 267, sys_close = 3 };
/* The register holds what the program is to call at its end; from the kernel it is none. */
__asm__(".section .text.start, \"ax\"\n.globl _start\n_start:\n"
        "  mov %rsp, %rdi\n  call start\n  xor %edx, %edx\n  jmp *%rax\n");
static long call(long number, long a, long b, long c, long d, long e, long f) {
  register long r10 __asm__("r10") = d, r8 __asm__("r8") = e, r9 __asm__("r9") = f;
  long result;
  __asm__ volatile("syscall" : "=a"(result) : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                   : "rcx", "r11", "memory");
  return result;
}
#elif defined(__aarch64__)
enum { sys_write = 64, sys_mmap = 222, sys_pread = 67, sys_exit = 94, sys_openat = 56, sys_readlinkat = 78, sys_close = 57 };
__asm__(".section .text.start, \"ax\"\n.globl _start\n_start:\n"
        "  mov x0, sp\n  bl start\n  mov x16, x0\n  mov x0, #0\n  br x16\n");
static long call(long number, long a, long b, long c, long d, long e, long f) {
  register long x8 __asm__("x8") = number, x0 __asm__("x0") = a, x1 __asm__("x1") = b, x2 __asm__("x2") = c,
                x3 __asm__("x3") = d, x4 __asm__("x4") = e, x5 __asm__("x5") = f;
  __asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5) : "memory");
  return x0;
}
#endif

/* The parts of the System V ABI that are used, so that no headers of any C library are needed. */
typedef struct {
  unsigned char ident[16];
  uint16_t type, machine;
  uint32_t version;
  uint64_t entry, segments_at, sections_at;
  uint32_t flags;
  uint16_t header_size, segment_size, segment_count, section_size, section_count, names_index;
} Header;
typedef struct {
  uint32_t type, flags;
  uint64_t offset, address, physical, file_size, memory_size, align;
} Segment;
typedef struct {
  uint64_t kind, value;
} Auxiliary;
enum { loaded = 1, executable = 1, writable = 2, readable = 4 };
enum { at_null = 0, at_phdr = 3, at_phnum = 5, at_pagesz = 6, at_base = 7, at_entry = 9 };
enum { at_fdcwd = -100, o_cloexec = 02000000, prot_write = 2, map_private = 2, map_fixed = 16, map_anonymous = 32 };

static size_t length(const char *text) {
  size_t n = 0;
  while (text[n] != 0) n += 1;
  return n;
}

static void say(const char *text) { call(sys_write, 2, (long)text, (long)length(text), 0, 0, 0); }

__attribute__((noreturn)) static void give_up(const char *path, const char *why) {
  say("this plugin brings its own C library and can't start: ");
  say(path);
  say(why);
  for (;;) call(sys_exit, 1, 0, 0, 0, 0, 0);
}

/* Where a file is mapped, or a negative error number; those are the last page of the address space. */
static int failed(long result) { return (unsigned long)result > -4096UL; }

static uint64_t map(uint64_t at, uint64_t size, int protection, int flags, int file, uint64_t offset, const char *path) {
  long result = call(sys_mmap, (long)at, (long)size, protection, flags, file, (long)offset);
  if (failed(result)) give_up(path, " can't be put into memory\n");
  return (uint64_t)result;
}

/* Puts the loader into memory. Returns where; `entry` is where it begins. */
static uint64_t load(const char *path, uint64_t page, uint64_t *entry) {
  long opened = call(sys_openat, at_fdcwd, (long)path, o_cloexec, 0, 0, 0);
  if (failed(opened)) give_up(path, " is not there or can't be read; copy all of dist/, or build it anew\n");
  int file = (int)opened;
  Header header;
  Segment segments[16];
  if (call(sys_pread, file, (long)&header, sizeof header, 0, 0, 0) != sizeof header || header.segment_count > 16)
    give_up(path, " is no loader\n");
  long size = (long)(header.segment_count * sizeof *segments);
  if (call(sys_pread, file, (long)segments, size, (long)header.segments_at, 0, 0) != size) give_up(path, " is no loader\n");

  uint64_t end = 0;
  for (int i = 0; i < header.segment_count; i += 1)
    if (segments[i].type == loaded) end = segments[i].address + segments[i].memory_size;
  uint64_t base = map(0, end, 0, map_private | map_anonymous, -1, 0, path);
  for (int i = 0; i < header.segment_count; i += 1) {
    const Segment *segment = &segments[i];
    if (segment->type != loaded) continue;
    int protection = (segment->flags & readable ? 1 : 0) | (segment->flags & writable ? prot_write : 0) |
                     (segment->flags & executable ? 4 : 0);
    uint64_t within = segment->address & (page - 1);
    uint64_t start = base + segment->address - within;
    uint64_t filled = base + segment->address + segment->file_size;
    uint64_t last = base + segment->address + segment->memory_size;
    map(start, segment->file_size + within, protection, map_private | map_fixed, file, segment->offset - within, path);
    if (last == filled) continue;
    /* Zeros: the whole rest of the file's last page, which the loader takes for its first memory; and pages behind it. */
    uint64_t next = (filled + page - 1) & -page;
    for (volatile char *at = (char *)filled; (uint64_t)at < next; at += 1) *at = 0;
    if (last > next) map(next, last - next, protection, map_private | map_fixed | map_anonymous, -1, 0, path);
  }
  call(sys_close, file, 0, 0, 0, 0, 0);
  *entry = base + header.entry;
  return base;
}

/* Returns where to go on. `stack` is as the kernel has made it: arguments, environment, auxiliary vector. */
uint64_t start(uint64_t *stack) {
  uint64_t *at = stack + 1 + stack[0] + 1;
  while (*at != 0) at += 1;
  Auxiliary *auxiliary = (Auxiliary *)(at + 1);

  char path[4096 + 256];
  long size = call(sys_readlinkat, at_fdcwd, (long)"/proc/self/exe", (long)path, 4096, 0, 0);
  if (failed(size)) give_up("/proc/self/exe", " can't be read: /proc has to be mounted\n");
  while (size > 0 && path[size - 1] != '/') size -= 1;
  size_t name = length(config.loader) + 1;
  if (name > 256) give_up("", "its name is too long\n");
  for (size_t i = 0; i < name; i += 1) path[(size_t)size + i] = config.loader[i];

  uint64_t page = 4096, entry = 0;
  for (Auxiliary *one = auxiliary; one->kind != at_null; one += 1)
    if (one->kind == at_pagesz) page = one->value;
  uint64_t base = load(path, page, &entry);
  for (Auxiliary *one = auxiliary; one->kind != at_null; one += 1) switch (one->kind) {
      case at_base: one->value = base; break;
      case at_entry: one->value = config.entry; break;
      case at_phdr: one->value = config.headers; break;
      case at_phnum: one->value = config.header_count; break;
    }
  return entry;
}
