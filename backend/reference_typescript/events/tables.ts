/** Tables of the events: those to be published, and those a consumer has handled. */

import { sql } from "drizzle-orm";
import { bigserial, index, integer, pgTable, primaryKey, text, varchar } from "drizzle-orm/pg-core";

import { document, moment, uuid } from "../columns.ts";

const WAITING = sql`published_at IS NULL AND failed_at IS NULL`;

/** `next_attempt_at` lies in the future while a relay holds the event, and after an attempt that failed. */
export const outboxEvents = pgTable(
  "outbox_events",
  {
    sequence: bigserial({ mode: "number" }).primaryKey(),
    id: uuid().notNull().unique("uq_outbox_events_id"),
    type: varchar({ length: 200 }).notNull(),
    aggregate_id: uuid().notNull(),
    tenant_id: uuid(),
    payload: document().notNull(),
    occurred_at: moment().notNull(),
    attempts: integer().notNull(),
    next_attempt_at: moment().notNull(),
    published_at: moment(),
    failed_at: moment(),
    error: text(),
  },
  (table) => [
    index("ix_outbox_events_waiting").on(table.sequence).where(WAITING),
    index("ix_outbox_events_waiting_aggregate").on(table.aggregate_id, table.sequence).where(WAITING),
    index("ix_outbox_events_published_at").on(table.published_at),
  ],
);

/** What each consumer has handled. */
export const processedEvents = pgTable(
  "processed_events",
  {
    consumer: varchar({ length: 100 }).notNull(),
    event_id: uuid().notNull(),
    processed_at: moment().notNull(),
  },
  (table) => [
    primaryKey({ name: "pk_processed_events", columns: [table.consumer, table.event_id] }),
    index("ix_processed_events_processed_at").on(table.processed_at),
  ],
);
