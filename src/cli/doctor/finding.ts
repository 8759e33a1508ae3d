import type { Fault } from "../../domain/errors.ts";
import type { SandboxGrade } from "../../domain/evidence.ts";
import type { Service } from "../../domain/service.ts";

/** The result of one check. `note`: it works, but a feature is limited. */
export interface Finding {
  mark: "good" | "bad" | "note";
  what: string;
  todo?: string;
}

/** The part of the configuration that doctor checks. */
export interface DoctorConfig {
  dataDir: string;
  services: readonly Service[];
  brain: "rules" | "rulesThenModel" | "model";
  model: { baseUrl?: string | undefined };
  sandboxForAuto: SandboxGrade;
  /** Faults that would keep the server from starting in this environment. */
  startFaults: readonly Fault[];
}
