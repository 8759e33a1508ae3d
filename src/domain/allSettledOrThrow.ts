/**
 * Like Promise.all, but it rejects only after every promise has settled; it then throws the first rejection in argument
 * order. Use it for writes that do not depend on each other. Writes to one store that start in the same turn of the
 * event loop are committed together, in the order in which they were started.
 */
export async function allSettledOrThrow<T extends readonly unknown[]>(
  ...all: { [K in keyof T]: Promise<T[K]> }
): Promise<T> {
  const results = await Promise.allSettled(all);
  const failed = results.find((result) => result.status === "rejected");
  if (failed !== undefined) throw failed.reason;
  return Promise.all(all) as Promise<unknown> as Promise<T>;
}
