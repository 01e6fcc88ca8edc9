/** Why a filter can't be used, before it is known whose filter it is. */
export class FilterTrouble extends Error {
  override readonly name = 'FilterTrouble';
}
