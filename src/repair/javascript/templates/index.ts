import type { Template } from "../repairSite.ts";
import { bareTable } from "./bareTable.ts";
import { coercion } from "./coercion.ts";
import { container } from "./container.ts";
import { constToLet, missingNew } from "./declarations.ts";
import { defaultDeclaration } from "./defaultDeclaration.ts";
import { defaultParameter } from "./defaultParameter.ts";
import { defaultValue } from "./defaultValue.ts";
import { filterElements } from "./filterElements.ts";
import { inGuard } from "./inGuard.ts";
import { ownMethod } from "./inheritedMethod.ts";
import { initialValue } from "./initialValue.ts";
import { iterateEntries } from "./iterateEntries.ts";
import { looseNullCheck } from "./looseNullCheck.ts";
import { missingAwait } from "./missingAwait.ts";
import { missingImport } from "./missingImport.ts";
import { missingReturn } from "./missingReturn.ts";
import { misspeltMember } from "./misspeltMember.ts";
import { nullGuards } from "./nullGuards.ts";
import { numericLimits } from "./numericLimits.ts";
import { offByOne } from "./offByOne.ts";
import { optionalCallback } from "./optionalCallback.ts";
import { optionalChaining } from "./optionalChaining.ts";
import { parsing } from "./parsing.ts";
import { siblingForm } from "./siblingForm.ts";
import { typeGuards } from "./typeGuards.ts";
import { nullObject } from "./typeofObjectAcceptsNull.ts";
import { unknownName } from "./unknownName.ts";
import { widenedCondition } from "./widenedCondition.ts";
import { wrongOwner } from "./wrongOwner.ts";

/** All template families. The order has no meaning: candidates are sorted by score. */
export const TEMPLATES: readonly Template[] = [
  wrongOwner,
  siblingForm,
  looseNullCheck,
  misspeltMember,
  unknownName,
  missingImport,
  constToLet,
  missingNew,
  missingAwait,
  missingReturn,
  initialValue,
  offByOne,
  optionalChaining,
  nullObject,
  nullGuards,
  widenedCondition,
  defaultValue,
  defaultDeclaration,
  defaultParameter,
  ownMethod,
  optionalCallback,
  typeGuards,
  inGuard,
  bareTable,
  coercion,
  container,
  filterElements,
  iterateEntries,
  numericLimits,
  parsing,
];
