/** Text for people at a terminal. */
export { columns, wrapped } from './wrapped.ts';
