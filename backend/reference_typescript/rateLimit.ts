/** Rate limits. */
/** `quota` requests in any `window` seconds. The name is shown to clients: letters, digits, `-` and `_`. */
export interface Limit { readonly name: string; readonly quota: number; readonly window: number }
/** @throws RangeError it is not a limit */
export declare function limitOf(name: string, quota: number, window: number): Limit;
