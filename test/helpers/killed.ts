/** Thrown at the point where the process is pretended to die. */
export class Killed extends Error {}

/** Ports whose n-th call (from 0), counted over all of them, and every later one, dies before it does anything. */
export function killedAt<T extends object>(ports: T, n: number): { ports: T; calls: () => number } {
  let calls = 0;
  const dying = <P extends object>(port: P): P =>
    new Proxy(port, {
      get(target, key) {
        const value: unknown = Reflect.get(target, key);
        if (typeof value !== "function") return value;
        return async (...args: unknown[]) => {
          if (calls >= n) throw new Killed(`killed before call ${calls}`);
          calls += 1;
          return value.apply(target, args);
        };
      },
    });
  const wrapped = Object.fromEntries(
    Object.entries(ports).map(([name, port]) =>
      typeof port === "object" && port !== null && name !== "clock" && name !== "services" && name !== "log"
        ? [name, dying(port)]
        : [name, port],
    ),
  );
  return { ports: wrapped as T, calls: () => calls };
}
