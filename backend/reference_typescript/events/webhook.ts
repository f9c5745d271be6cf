/** Events sent to another program by HTTP, one POST each. */

import { reasonOf } from "./backoff.ts";
import type { Event } from "./event.ts";
import type { Claimed, Outcome } from "./outbox.ts";
import type { Destination } from "./relay.ts";

/** Milliseconds for one event. */
const PATIENCE = 5000;

/** Where events go, and what proves to the receiver who sends them. */
export interface WebhookOptions {
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly fetch?: typeof fetch;
}

/**
 * Posts each event as JSON; any status of 200 to 299 takes it. The receiver knows one it has seen by its `id`.
 *
 * Events behind a refused one of the same row are left for later.
 */
export class Webhook implements Destination {
  readonly #options: Required<WebhookOptions>;

  constructor(options: WebhookOptions) {
    this.#options = { headers: {}, fetch, ...options };
  }

  async publish(batch: readonly Claimed[], deadline: AbortSignal): Promise<Outcome> {
    const published: number[] = [];
    const failed = new Map<number, string>();
    const stuck = new Set<string>();
    for (const { sequence, event } of batch) {
      if (deadline.aborted) break;
      if (stuck.has(event.aggregateId)) continue;
      try {
        await this.#post(bodyOf(event), deadline);
        published.push(sequence);
      } catch (error) {
        if (deadline.aborted) break;
        failed.set(sequence, reasonOf(error));
        stuck.add(event.aggregateId);
      }
    }
    return { published, failed };
  }

  async #post(body: string, deadline: AbortSignal): Promise<void> {
    const { url, headers } = this.#options;
    const signal = AbortSignal.any([deadline, AbortSignal.timeout(PATIENCE)]);
    const request = { method: "POST", body, signal, headers: { "Content-Type": "application/json", ...headers } };
    const response = await this.#options.fetch(url, request);
    await response.body?.cancel();
    if (!response.ok) throw new Error(`answered ${response.status}`);
  }
}

function bodyOf({ id, type, aggregateId, tenantId, occurredAt, payload }: Event): string {
  return JSON.stringify({
    id,
    type,
    aggregate_id: aggregateId,
    tenant_id: tenantId,
    occurred_at: occurredAt,
    payload,
  });
}
