import { z } from "zod";

/** What a person may do, each role including the ones before it: read; answer questions and start work; administer. */
export const Role = z.enum(["viewer", "approver", "admin"]);
export type Role = z.infer<typeof Role>;

/** A role on every service (`*`), or on the named services only. */
export const Grant = z.strictObject({
  role: Role,
  services: z.union([z.literal("*"), z.array(z.string().min(1).max(128)).min(1).max(200)]).default("*"),
});
export type Grant = z.infer<typeof Grant>;

/** The name of a user as the audit log shows it. It has no space and no bracket, so no suffix can be part of a name. */
export const UserName = z
  .string()
  .regex(
    /^[\p{L}\p{N}][\p{L}\p{N}._@+-]{0,63}$/u,
    "a name has 1 to 64 letters, digits, dots, dashes, underscores, @ or +",
  );

/** A named person with their grants. Without grants nothing is allowed. */
export const User = z.strictObject({
  name: UserName,
  grants: z.array(Grant).max(50),
  /** Milliseconds since the epoch. */
  createdAt: z.number(),
  createdBy: z.string().max(128),
});
export type User = z.infer<typeof User>;

/** A credential of a user. The store keeps the SHA-256 of the token only. */
export const UserToken = z.strictObject({
  id: z.string().min(1).max(64),
  user: UserName,
  /** SHA-256 of the whole token, hex. */
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  createdAt: z.number(),
  /** The start of the minute of the last use, milliseconds since the epoch; null: never used. */
  lastUsedAt: z.number().nullable(),
  revokedAt: z.number().nullable(),
});
export type UserToken = z.infer<typeof UserToken>;

/** The name of whoever holds the admin token. No user can have it. */
export const ADMIN_NAME = "admin";

/** The grants of the admin token. */
export const ALL_GRANTS: readonly Grant[] = [{ role: "admin", services: "*" }];

const RANKS = Role.options;

function reaches(role: Role, wanted: Role): boolean {
  return RANKS.indexOf(role) >= RANKS.indexOf(wanted);
}

/** Whether the grants give at least this role on the service. */
export function mayOn(grants: readonly Grant[], wanted: Role, service: string): boolean {
  return grants.some(({ role, services }) => reaches(role, wanted) && (services === "*" || services.includes(service)));
}

/** Whether the grants give at least this role on every service. */
export function mayEverywhere(grants: readonly Grant[], wanted: Role): boolean {
  return grants.some(({ role, services }) => reaches(role, wanted) && services === "*");
}

/** Whether the grants give at least this role on any service. */
export function maySomewhere(grants: readonly Grant[], wanted: Role): boolean {
  return grants.some(({ role }) => reaches(role, wanted));
}

/** Grants as text: `approver on shop, blog; viewer on all services`. */
export function describeGrants(grants: readonly Grant[]): string {
  const words = grants.map(
    ({ role, services }) => `${role} on ${services === "*" ? "all services" : services.join(", ")}`,
  );
  return words.join("; ") || "nothing";
}
