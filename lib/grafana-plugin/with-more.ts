/**
 * A request with more to it. It stays the prototype of what is made here, so that its getters stay getters: nothing is
 * read for this, as most calls look at little of theirs. Getters of `more` stay some, too.
 */
export function withMore<Request extends object, More extends object>(
  request: Request,
  more: More,
): Request & More {
  return Object.create(request, Object.getOwnPropertyDescriptors(more));
}
