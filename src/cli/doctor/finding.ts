import type { Fault } from "../../domain/errors.ts";
import type { SandboxGrade } from "../../domain/evidence.ts";
import type { Service } from "../../domain/service.ts";

/** One line of doctor. `note`: works, but less is possible. */
export interface Finding {
  mark: "good" | "bad" | "note";
  what: string;
  todo?: string;
}

/** The part of the configuration that doctor looks at. */
export interface DoctorConfig {
  dataDir: string;
  services: readonly Service[];
  brain: "rules" | "rulesThenModel" | "model";
  model: { baseUrl?: string | undefined };
  sandboxForAuto: SandboxGrade;
  /** What would keep the server from starting in this environment. */
  startFaults: readonly Fault[];
}
