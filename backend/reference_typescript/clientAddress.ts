/** Whose request it is, when proxies stand in between: only what a trusted proxy says counts. */

import { BlockList } from "node:net";

import { readAddress } from "./addresses.ts";

/** Hops that are looked at: a client may send a header of any length. */
const MAX_HOPS = 20;
/** Characters: an IPv6 address with zone, brackets and port. */
const LONGEST_HOP = 64;
const UNKNOWN = "unknown";

/** The networks whose proxies are believed; with none, the client is whoever opened the connection. */
export class TrustedProxies {
  readonly #networks: BlockList | null;

  constructor(networks: readonly string[] = []) {
    this.#networks = networks.length > 0 ? new BlockList() : null;
    for (const network of networks) {
      const [address = "", bits] = network.split("/");
      const family = address.includes(":") ? "ipv6" : "ipv4";
      this.#networks?.addSubnet(address, bits === undefined ? (family === "ipv6" ? 128 : 32) : Number(bits), family);
    }
  }

  /**
   * Whether what this peer says of others is believed.
   *
   * An empty peer is a Unix socket, which only a proxy on this machine can reach.
   */
  trusts(peer: string): boolean {
    if (this.#networks === null) return false;
    if (!peer) return true;
    const address = readAddress(peer);
    return address !== null && this.#networks.check(address, address.includes(":") ? "ipv6" : "ipv4");
  }

  /**
   * The address of a request's client, or `unknown`.
   *
   * From the peer leftwards through `X-Forwarded-For`, as long as a trusted proxy vouches for the next hop. A hop that
   * is no address ends the walk at the proxy that wrote it.
   */
  clientAddress(peer: string | undefined, forwardedFor: string): string {
    if (peer === undefined || !this.trusts(peer)) return peer || UNKNOWN;
    let address = readAddress(peer) ?? UNKNOWN;
    if (!forwardedFor) return address;
    for (const hop of forwardedFor.split(",").slice(-MAX_HOPS).reverse()) {
      const text = hop.replace(/^[ \t]+|[ \t]+$/g, "");
      const next = text.length <= LONGEST_HOP ? readAddress(text) : null;
      if (next === null) break;
      address = next;
      if (!this.trusts(next)) break;
    }
    return address;
  }
}
