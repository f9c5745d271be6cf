/** No body is read beyond its limit, whether the client says how long it is or not. */

import { createMiddleware } from "hono/factory";

import type { AppEnvironment } from "../context.ts";
import { PayloadTooLargeError } from "../errors.ts";

/** Answers 413 to longer bodies; one that comes in pieces is refused at the piece that is too much. */
export function bodyLimit(limit: number) {
  return createMiddleware<AppEnvironment>(async (context, next) => {
    if (["GET", "HEAD"].includes(context.req.method)) return next();
    const declared = context.req.header("content-length");
    if (declared !== undefined) {
      if (Number(declared) > limit) throw new PayloadTooLargeError(limit);
      return next(); // the server reads no more than was declared
    }
    const { raw } = context.req;
    if (raw.body) {
      const tooMuch = (): PayloadTooLargeError => {
        context.var.told.push(["Connection", "close"]); // the rest is not read, so nothing can follow it
        return new PayloadTooLargeError(limit);
      };
      context.req.raw = new Request(raw, { body: atMost(limit, raw.body, tooMuch), duplex: "half" } as RequestInit);
    }
    return next();
  });
}

/** Too much of it is left where it is rather than cancelled, which would cut the connection before the answer. */
function atMost(limit: number, body: ReadableStream<Uint8Array>, tooMuch: () => Error): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  let received = 0;
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await reader.read();
      if (done) return controller.close();
      received += value.byteLength;
      if (received > limit) controller.error(tooMuch());
      else controller.enqueue(value);
    },
  });
}
