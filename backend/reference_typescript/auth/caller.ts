/** The caller of a request, as routes receive it. */

import { ForbiddenError } from "../errors.ts";

/** What a verified token says. */
export class Caller {
  readonly id: string;
  readonly roles: ReadonlySet<string>;
  readonly tenantId: string | null;

  constructor(id: string, roles: Iterable<string> = [], tenantId: string | null = null) {
    this.id = id;
    this.roles = new Set(roles);
    this.tenantId = tenantId;
  }

  /** Whether a row of this owner is the caller's. */
  owns(ownerId: string): boolean {
    return this.id === ownerId;
  }

  /** Whether the caller holds one of `roles`. */
  hasRole(...roles: readonly string[]): boolean {
    return roles.some((role) => this.roles.has(role));
  }

  /**
   * Lets only holders of one of `roles` pass.
   *
   * @throws ForbiddenError the caller holds none
   */
  requireRole(...roles: readonly string[]): void {
    if (!this.hasRole(...roles)) throw new ForbiddenError();
  }

  /**
   * The tenant the caller acts in.
   *
   * @throws ForbiddenError the token names none
   */
  get tenant(): string {
    if (this.tenantId === null) throw new ForbiddenError("Your token names no tenant");
    return this.tenantId;
  }
}
