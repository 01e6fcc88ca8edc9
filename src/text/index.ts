/** Text for people at a terminal. */
export { printable, printableIn } from './printable.ts';
export { columns, wrapped } from './wrapped.ts';
