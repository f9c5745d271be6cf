/** UUIDs as text: in small letters with hyphens. */

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Whether this is a UUID as this application writes it. */
export function isUuid(text: string): boolean {
  return UUID.test(text);
}

/**
 * The canonical text of a UUID.
 *
 * @throws RangeError it is none
 */
export function uuidOf(text: string): string {
  const small = text.toLowerCase();
  if (!isUuid(small)) throw new RangeError("not a UUID");
  return small;
}
