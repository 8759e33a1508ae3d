import { PassThrough } from "node:stream";
import { observe, packageRequire } from "../observe.mjs";

const multer = packageRequire("./index.js");
const part = (disposition, text = "hello") => `--x\r\nContent-Disposition: form-data${disposition}\r\n\r\n${text}\r\n`;

const send =
  (parts, take = (m) => m.any()) =>
  () =>
    new Promise((resolve) => {
      process.once("uncaughtException", (error) => resolve(`died of ${error.message}`));
      const body = `${parts.join("")}--x--\r\n`;
      const request = new PassThrough();
      request.headers = { "content-type": "multipart/form-data; boundary=x", "content-length": String(body.length) };
      request.end(body);
      take(multer({ limits: { files: 2, fieldNameSize: 20 } }))(request, {}, (error) =>
        resolve({
          code: error?.code ?? null,
          body: request.body,
          files: (Array.isArray(request.files) ? request.files : []).map((f) => [f.fieldname, f.originalname, f.size]),
          file: request.file?.originalname ?? null,
        }),
      );
    });

await observe({
  crash: send([part('; filename="a.txt"')]),
  crashSingle: send([part('; filename="a.txt"')], (m) => m.single("f")),
  afterField: send([part('; name="a"'), part('; filename="a.txt"')]),
  file: send([part('; name="f"; filename="a.txt"')]),
  single: send([part('; name="f"; filename="a.txt"')], (m) => m.single("f")),
  unexpected: send([part('; name="g"; filename="a.txt"')], (m) => m.single("f")),
  field: send([part('; name="a"', "1")]),
  longName: send([part(`; name="${"f".repeat(30)}"; filename="a.txt"`)]),
  noFile: send([part('; name="f"; filename=""')]),
  noFileNoName: send([part('; filename=""')]),
  list: send([part('; name="f"; filename="a.txt"'), part('; name="f"; filename="b.txt"')], (m) => m.array("f", 1)),
});
