/** What an application cache keeps, and what both kinds of it can do. */

import { etagOf } from "../conditional.ts";

/** A serialised answer: a hit costs neither a query nor a serialisation nor a hash. */
export interface Entry {
  readonly body: string;
  /** Strong entity tag of the body, in its quotes. */
  readonly etag: string;
}

/** An entry tagged by the hash of its body. */
export function entryOf(body: string): Entry {
  return { body, etag: etagOf(body) };
}

/** Makes the answer. What it throws goes to everyone who waits for it and is not stored. */
export type Load = () => Promise<Entry>;

/** How long an entry is served; both in seconds. */
export interface Lifetime {
  /** For so long an entry is fresh. */
  readonly ttl: number;
  /** For so much longer it is served as it is while one loader renews it in the background. */
  readonly stale?: number;
}

/** An application cache whose entries live in namespaces that a write makes unreachable as a whole. */
export interface Cache {
  /**
   * The entry, loaded by one caller while the others wait for it.
   *
   * `load` must begin its reads after it was called: a snapshot opened before may be older than an invalidation that
   * has already happened.
   */
  fetch(namespace: string, key: string, lifetime: Lifetime, load: Load): Promise<Entry>;

  /**
   * Makes every entry of the namespaces unreachable. Call it after the write has been committed.
   *
   * An entry that somebody is loading meanwhile may be of before the write; it is stored unreachable, too. A process
   * that dies between the commit and this call leaves the old entries until their time is over.
   */
  invalidate(...namespaces: readonly string[]): Promise<void>;

  /** Waits for the renewals that still run. */
  close(): Promise<void>;
}
