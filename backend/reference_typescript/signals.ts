/** The end of a process, as platforms ask for it. */

const SIGNALS = ["SIGTERM", "SIGINT"] as const;

/** Aborted by the first SIGTERM or SIGINT; a second one ends the process at once. */
export function untilSignal(): AbortSignal {
  const stop = new AbortController();
  const received = (): void => {
    for (const name of SIGNALS) process.off(name, received);
    stop.abort();
  };
  for (const name of SIGNALS) process.on(name, received);
  return stop.signal;
}
