/** Addresses of the Internet, as they are written and as limits count them. */

import { isIP } from "node:net";

/** The address in a hop: bare, with a port, or in brackets (RFC 7239 section 6); `null` if it is none. */
export function readAddress(text: string): string | null {
  let bare = text;
  if (text.startsWith("[")) bare = text.slice(1).split("]", 1)[0] ?? "";
  else if (text.split(":").length === 2) bare = text.split(":", 1)[0] ?? "";
  const address = bare.split("%", 1)[0] ?? "";
  if (!isIP(address)) return null;
  if (!address.includes(":")) return address;
  const groups = groupsOf(address);
  return mapped(groups) ?? written(groups);
}

/** What a rate limit counts an address under: IPv6 by its /64, which is one subscriber (RFC 6177). */
export function addressKey(address: string): string {
  const [bare = ""] = address.split("%");
  if (isIP(bare) !== 6) return address;
  const groups = groupsOf(bare);
  return (
    mapped(groups) ??
    groups
      .slice(0, 4)
      .map((group) => group.toString(16).padStart(4, "0"))
      .join("")
  );
}

/** The eight groups of an IPv6 address. */
function groupsOf(address: string): number[] {
  const dotted = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(address);
  const text = dotted ? `${dotted[1]}${pair(dotted[2], dotted[3])}:${pair(dotted[4], dotted[5])}` : address;
  const [head = "", tail] = text.split("::");
  const before = head ? head.split(":") : [];
  const after = tail ? tail.split(":") : [];
  const zeros = tail === undefined ? 0 : 8 - before.length - after.length;
  return [...before, ...Array<string>(zeros).fill("0"), ...after].map((group) => Number.parseInt(group, 16));
}

function pair(high: string | undefined, low: string | undefined): string {
  return (Number(high) * 256 + Number(low)).toString(16);
}

/** The IPv4 address in IPv6 clothing, `::ffff:192.0.2.1` (RFC 4291 section 2.5.5.2). */
function mapped(groups: readonly number[]): string | null {
  const [, , , , , mark, high = 0, low = 0] = groups;
  if (mark !== 0xffff || groups.slice(0, 5).some(Boolean)) return null;
  return [high >> 8, high & 255, low >> 8, low & 255].join(".");
}

/** One way to write each address (RFC 5952), so that nobody has many names. */
function written(groups: readonly number[]): string {
  const text = groups.map((group) => group.toString(16)).join(":");
  const runs = [...text.matchAll(/(?:^|(?<=:))0(?::0)+(?=:|$)/g)].sort((one, other) => other[0].length - one[0].length);
  const [longest] = runs;
  if (longest === undefined) return text;
  const before = text.slice(0, longest.index).replace(/:$/, "");
  const after = text.slice(longest.index + longest[0].length).replace(/^:/, "");
  return `${before}::${after}`;
}
