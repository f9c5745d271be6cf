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
      const body = raw.body.pipeThrough(atMost(limit));
      context.req.raw = new Request(raw, { body, duplex: "half" } as RequestInit);
    }
    return next();
  });
}

function atMost(limit: number): TransformStream<Uint8Array, Uint8Array> {
  let received = 0;
  return new TransformStream({
    transform(piece, controller) {
      received += piece.byteLength;
      if (received > limit) controller.error(new PayloadTooLargeError(limit));
      else controller.enqueue(piece);
    },
  });
}
