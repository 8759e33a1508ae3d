import { argumentsOf, bare, isMember, memberName } from "../../../syntax/scriptNodes.ts";
import { candidate } from "../guardForms.ts";
import { replace, type Template } from "../repairSite.ts";

/** Methods that every object inherits, except objects without a prototype or with an own key of that name. */
export const INHERITED = /^(?:hasOwnProperty|propertyIsEnumerable|isPrototypeOf)$/;

/** `x.hasOwnProperty(key)` on an object that inherits nothing → `Object.prototype.hasOwnProperty.call(x, key)`. */
export const ownMethod: Template = (site) => {
  if (site.crash.kind !== "notFunction" || site.depth > 0) return [];
  const callee = bare(site.subject);
  const method = isMember(callee) ? memberName(callee) : null;
  const object = callee.field("object");
  if (method === null || object === null || !INHERITED.test(method)) return [];
  const given = [object, ...argumentsOf(site.node)].map((n) => n.text()).join(", ");
  return [
    candidate(
      { family: "ownMethod" },
      method,
      [replace(site, site.node, `Object.prototype.${method}.call(${given})`)],
      {
        explanation: `${object.text()} need not inherit ${method}: it is borrowed from Object.prototype`,
        score: 94,
        effect: "as asked",
      },
    ),
  ];
};
