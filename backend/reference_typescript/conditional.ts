/** Conditional requests: entity tags, `If-None-Match` and `If-Match` (RFC 9110 sections 8.8.3 and 13.1). */

import { createHash } from "node:crypto";

import { PreconditionFailedError, PreconditionRequiredError, ValidationError } from "./errors.ts";

const TAG = String.raw`(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"`;
const TAGS = new RegExp(TAG, "g");
const LIST = new RegExp(String.raw`^[ \t,]*${TAG}(?:[ \t]*,(?:[ \t]*${TAG})?)*[ \t]*$`);
const ANYTHING = /^[ \t]*\*[ \t]*$/;

/** What a precondition names: some entity tags as they were sent, or any at all. */
export type EntityTags = readonly string[] | "*";

/** A strong entity tag: two bodies share it only if they are the same, byte for byte. */
export function etagOf(body: string): string {
  return `"${createHash("sha256").update(body).digest("hex").slice(0, 32)}"`;
}

/** The entity tag of a row that counts its changes. */
export function etagOfVersion(version: number): string {
  return `"${version}"`;
}

/** Reads a field value: `*` or a list of entity tags, which may hold commas themselves; `null` if it is neither. */
export function parseEntityTags(value: string): EntityTags | null {
  if (ANYTHING.test(value)) return "*";
  return LIST.test(value) ? (value.match(TAGS) ?? []) : null;
}

/** For `If-Match`: equal, and neither is weak (RFC 9110 section 8.8.3.2). */
export function matchesStrongly(tags: EntityTags, etag: string): boolean {
  return tags === "*" || (!etag.startsWith("W/") && tags.includes(etag));
}

/** For `If-None-Match`: equal once `W/` is set aside (RFC 9110 section 8.8.3.2). */
export function matchesWeakly(tags: EntityTags, etag: string): boolean {
  return tags === "*" || tags.some((tag) => strong(tag) === strong(etag));
}

/**
 * Whether the client has this representation already, so that 304 without a body will do.
 *
 * A field that cannot be read is ignored: the full answer is never wrong.
 */
export function ifNoneMatch(value: string | undefined, etag: string): boolean {
  if (value === undefined) return false;
  const tags = value === etag ? [etag] : parseEntityTags(value);
  return tags !== null && matchesWeakly(tags, etag);
}

/**
 * Lets a change pass only if the client names the current representation.
 *
 * @throws PreconditionRequiredError there is no `If-Match`
 * @throws PreconditionFailedError it names other representations, or this one weakly
 * @throws ValidationError it cannot be read
 */
export function requireMatch(ifMatch: string | undefined, etag: string): void {
  if (ifMatch === undefined) throw new PreconditionRequiredError();
  const tags = parseEntityTags(ifMatch);
  if (tags === null) {
    const message = "This is neither * nor a list of entity tags";
    throw new ValidationError([{ field: "header.if-match", code: "invalid", message }]);
  }
  if (!matchesStrongly(tags, etag)) throw new PreconditionFailedError();
}

function strong(tag: string): string {
  return tag.startsWith("W/") ? tag.slice(2) : tag;
}
