/** Waiting for whatever comes first, and waking the relay of this process as soon as a transaction has emitted. */

import type { Database } from "../database.ts";
import { EMITTED } from "./outbox.ts";

/** Something to wait for that happens again and again. */
export class Wake {
  #set = false;
  #waiting: (() => void) | null = null;

  /** Wakes whoever waits, or whoever is going to. */
  set(): void {
    this.#set = true;
    this.#waiting?.();
  }

  /** Forgets that it was set. */
  clear(): void {
    this.#set = false;
  }

  /** Waits until it is set or `stop` is aborted, at most so many milliseconds. */
  async wait(milliseconds: number, stop: AbortSignal): Promise<void> {
    if (this.#set || stop.aborted) return;
    await new Promise<void>((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        stop.removeEventListener("abort", end);
        this.#waiting = null;
        resolve();
      };
      const timer = setTimeout(end, milliseconds);
      stop.addEventListener("abort", end);
      this.#waiting = end;
    });
  }
}

/** Waits so many milliseconds, or until `stop` is aborted. */
export async function pause(milliseconds: number, stop: AbortSignal): Promise<void> {
  await new Wake().wait(milliseconds, stop);
}

/** Sets `wake` after each commit of a transaction that emitted. */
export function wakeAfterEmit(database: Database, wake: Wake): void {
  database.onCommit((marks) => {
    if (marks.has(EMITTED)) wake.set();
  });
}
