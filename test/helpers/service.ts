import { Service } from "../../src/domain/service.ts";

/** A service with the defaults of the configuration. */
export function service(repo: string, more: Partial<Service> = {}): Service {
  return Service.parse({ name: "shop", project: "demo", repo, ...more });
}
