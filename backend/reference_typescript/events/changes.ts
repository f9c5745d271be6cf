/** Events that tell of a row: its values as JSON. */

import type { JsonValue } from "../columns.ts";
import type { Connection } from "../database.ts";
import { newEvent } from "./event.ts";
import { emit } from "./outbox.ts";

/** A row that can be told of. */
type Told = { readonly id: string } & Readonly<Record<string, unknown>>;

/** Writes the event `kind`, as in `order.created`, of each row into the transaction that changed it. */
export async function emitChange(
  connection: Connection,
  kind: string,
  rows: readonly Told[],
  tenantId: string | null = null,
): Promise<void> {
  const events = rows.map((row) => newEvent({ type: kind, aggregateId: row.id, tenantId, payload: asJson(row) }));
  await emit(connection, ...events);
}

function asJson(row: Told): JsonValue {
  return JSON.parse(JSON.stringify(row)) as JsonValue;
}
