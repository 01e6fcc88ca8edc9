/** For people or for programs: every action can speak to both. */
export type Format = 'text' | 'json';
