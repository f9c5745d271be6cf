/** What has happened, and how it looks as an entry of a Redis stream. */

import type { JsonValue } from "../columns.ts";
import { uuid7 } from "../ids.ts";
import { momentOf, now } from "../moments.ts";
import { uuidOf } from "../uuids.ts";

/** A fact in the past tense. */
export interface Event {
  readonly id: string;
  /** As in `order.created`. */
  readonly type: string;
  /** The row it happened to; events of one row are published in the order they were emitted. */
  readonly aggregateId: string;
  readonly tenantId: string | null;
  readonly occurredAt: string;
  readonly payload: JsonValue;
}

/** An event that happens now. */
export function newEvent(event: Omit<Event, "id" | "occurredAt">): Event {
  return { id: uuid7(), occurredAt: now(), ...event };
}

/** The fields of a stream entry, readable without this application: names and values by turns. */
export function toFields(event: Event): string[] {
  const fields = {
    id: event.id,
    type: event.type,
    aggregate_id: event.aggregateId,
    tenant_id: event.tenantId ?? "",
    occurred_at: event.occurredAt,
    payload: JSON.stringify(event.payload),
  };
  return Object.entries(fields).flat();
}

/**
 * The event in a stream entry.
 *
 * @throws RangeError the entry was not written by `toFields`, nor is its payload JSON (SyntaxError)
 */
export function fromFields(fields: readonly string[]): Event {
  const names = new Map<string, string>();
  for (let index = 0; index + 1 < fields.length; index += 2) names.set(fields[index]!, fields[index + 1]!);
  const { id, type, aggregate_id, tenant_id, occurred_at, payload } = Object.fromEntries(names);
  if (!id || !type || !aggregate_id || tenant_id === undefined || !occurred_at || !payload) {
    throw new RangeError("not the entry of an event");
  }
  return {
    id: uuidOf(id),
    type,
    aggregateId: uuidOf(aggregate_id),
    tenantId: tenant_id ? uuidOf(tenant_id) : null,
    occurredAt: momentOf(occurred_at),
    payload: JSON.parse(payload) as JsonValue,
  };
}
