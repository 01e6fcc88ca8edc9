/** `dying`: it is being removed, and winds down by its hooks. */
export type Life = 'alive' | 'dying';
