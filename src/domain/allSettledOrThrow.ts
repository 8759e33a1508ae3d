/**
 * Waits for all of them, and only then throws what the first of them threw: nothing goes on behind the back of whoever is
 * told. For writes that need not wait for each other; those of one store that are asked for in one turn become durable
 * together, in the order of the asking.
 */
export async function allSettledOrThrow<T extends readonly unknown[]>(
  ...all: { [K in keyof T]: Promise<T[K]> }
): Promise<T> {
  const results = await Promise.allSettled(all);
  const failed = results.find((result) => result.status === "rejected");
  if (failed !== undefined) throw failed.reason;
  return Promise.all(all) as Promise<unknown> as Promise<T>;
}
