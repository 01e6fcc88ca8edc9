/** A report as a page to look at in a browser. */
export { htmlPage } from './page.ts';
