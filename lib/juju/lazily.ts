/**
 * Something that is made with its first use. For schemas: each part of one takes 30 µs to make in a process that has
 * just started, a hook lives for 50 ms, and it uses few of the many that there are.
 * @returns always the same
 */
export function lazily<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
