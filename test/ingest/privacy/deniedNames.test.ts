import { expect, test } from "vitest";
import { withoutDeniedNames } from "../../../src/ingest/privacy/deniedNames.ts";
import { scrub } from "../../../src/ingest/privacy/scrub.ts";
import { buildEvent } from "../../helpers/eventBuilder.ts";

const SECRET = "[scrubbed:secret]";
const frames = [{ file: "a.js", inApp: true, vars: { patient_no: "7", other: '{"PatientNo":{"x":1},"y":2}' } }];
const event = buildEvent({
  exception: { type: "E", value: "x", frames },
  causes: [{ type: "E", value: "x", frames }],
  tags: { "patient-no": "7", shop: "a" },
  extra: { list: '[{"patientNo":7}, {"z": 1}]', plain: "patientNo is 7", exact: '{ "z":  1 }' },
  request: { method: "POST", url: "/x", headers: { PatientNo: "7" }, body: '{"a":{"patient_no":"7"}}' },
});

test("values under configured names are gone at any depth; all else keeps its text", () => {
  const vars = { patient_no: SECRET, other: `{"PatientNo":"${SECRET}","y":2}` };
  const clean = withoutDeniedNames(event, (name) => name.replace(/[-_]/g, "").toLowerCase() === "patientno");
  expect(clean).toMatchObject({
    exception: { frames: [{ vars }] },
    causes: [{ frames: [{ vars }] }],
    tags: { "patient-no": SECRET, shop: "a" },
    extra: { list: `[{"patientNo":"${SECRET}"},{"z":1}]`, plain: "patientNo is 7", exact: '{ "z":  1 }' },
    request: { headers: { PatientNo: SECRET }, body: `{"a":{"patient_no":"${SECRET}"}}` },
  });
  expect(scrub(clean)).toEqual(clean);
  expect(withoutDeniedNames(event, () => false)).toEqual(event);
});
