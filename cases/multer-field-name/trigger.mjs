import { createRequire } from "node:module";
import { PassThrough } from "node:stream";

const require = createRequire(import.meta.url);
const multer = require("./index.js");
const body =
  '--x\r\nContent-Disposition: form-data; filename="a.txt"\r\nContent-Type: text/plain\r\n\r\nhello\r\n--x--\r\n';
const request = new PassThrough();
request.headers = { "content-type": "multipart/form-data; boundary=x", "content-length": String(body.length) };
request.end(body);
multer({ limits: { fieldNameSize: 100 } }).any()(request, {}, (error) => console.log(error?.code ?? "no error"));
