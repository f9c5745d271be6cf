/** An application cache in the memory of one process. */

import type { Logger } from "../logs.ts";
import type { Cache, Entry, Lifetime, Load } from "./base.ts";
import { SingleFlight } from "./flight.ts";
import { Renewals } from "./renewal.ts";

/** Bytes an entry takes besides its key, tag and body, about. */
const OVERHEAD = 400;

/** An entry and until when it may be served. */
interface Slot {
  readonly entry: Entry;
  readonly generation: number;
  readonly freshUntil: number;
  readonly staleUntil: number;
  readonly size: number;
}

/** Bounds of a cache, and its time in milliseconds. */
export interface MemoryCacheOptions {
  readonly maxEntries?: number;
  readonly maxBytes?: number;
  readonly maxNamespaces?: number;
  readonly clock?: () => number;
}

/**
 * Bounded in entries and bytes; the least recently used go first.
 *
 * Each process has its own: with several, a write is seen by the others only when their entries expire.
 *
 * A namespace has a generation, which an invalidation replaces. An entry belongs to the generation that was read
 * before it was loaded, so what was loaded from before a write can never be served after its invalidation.
 */
export class MemoryCache implements Cache {
  readonly #maxEntries: number;
  readonly #maxBytes: number;
  readonly #maxNamespaces: number;
  readonly #clock: () => number;
  readonly #slots = new Map<string, Slot>();
  readonly #generations = new Map<string, number>();
  readonly #flights = new SingleFlight<Entry>();
  readonly #renewals: Renewals;
  #bytes = 0;
  #lastGeneration = 0;
  #floor = 0;

  constructor(logger: Logger, options: MemoryCacheOptions = {}) {
    this.#renewals = new Renewals(logger);
    this.#maxEntries = options.maxEntries ?? 10_000;
    this.#maxBytes = options.maxBytes ?? 64 * 1024 ** 2;
    this.#maxNamespaces = options.maxNamespaces ?? 10_000;
    this.#clock = options.clock ?? (() => performance.now());
  }

  /** How many entries are held. */
  get length(): number {
    return this.#slots.size;
  }

  /** Bytes held, about. */
  get size(): number {
    return this.#bytes;
  }

  async fetch(namespace: string, key: string, { ttl, stale = 0 }: Lifetime, load: Load): Promise<Entry> {
    const place = `${namespace} ${key}`;
    const generation = this.#generationOf(namespace);
    const slot = this.#slots.get(place);
    const current = slot?.generation === generation ? slot : undefined;
    const now = this.#clock();
    if (current && now < current.freshUntil) {
      this.#slots.delete(place); // and set again, behind all others
      this.#slots.set(place, current);
      return current.entry;
    }
    const flight = `${generation} ${place}`;
    const loadAndStore = async (): Promise<Entry> => {
      const entry = await load();
      if (generation === this.#generationOf(namespace)) this.#store(place, entry, generation, ttl, stale);
      return entry; // else it is of before a write, and perhaps in the place of an entry of after it
    };
    if (!current || now >= current.staleUntil) return this.#flights.run(flight, loadAndStore);
    this.#renewals.start(flight, () => this.#flights.run(flight, loadAndStore));
    return current.entry;
  }

  async invalidate(...namespaces: readonly string[]): Promise<void> {
    this.#lastGeneration += 1;
    for (const namespace of namespaces) this.#generations.set(namespace, this.#lastGeneration);
    if (this.#generations.size <= this.#maxNamespaces) return;
    // Forgetting a generation would revive its entries; a new one for all makes everything unreachable.
    this.#lastGeneration += 1;
    this.#floor = this.#lastGeneration;
    this.#generations.clear();
  }

  async close(): Promise<void> {
    await this.#renewals.close();
  }

  #generationOf(namespace: string): number {
    return this.#generations.get(namespace) ?? this.#floor;
  }

  #store(place: string, entry: Entry, generation: number, ttl: number, stale: number): void {
    this.#drop(place);
    const size = OVERHEAD + place.length + entry.etag.length + Buffer.byteLength(entry.body);
    if (size > this.#maxBytes) return;
    const freshUntil = this.#clock() + ttl * 1000;
    this.#slots.set(place, { entry, generation, freshUntil, staleUntil: freshUntil + stale * 1000, size });
    this.#bytes += size;
    while (this.#slots.size > this.#maxEntries || this.#bytes > this.#maxBytes) {
      this.#drop(this.#slots.keys().next().value ?? "");
    }
  }

  #drop(place: string): void {
    this.#bytes -= this.#slots.get(place)?.size ?? 0;
    this.#slots.delete(place);
  }
}
